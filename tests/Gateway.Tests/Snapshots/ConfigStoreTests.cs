using Gateway.Configuration;
using Gateway.Snapshots;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Tests.Snapshots;

/// <summary>Holds docs/contract.md section 2: a save is in force as a whole, or not at all.</summary>
public sealed class ConfigStoreTests
{
    [Fact]
    public async Task Swap_ThatYarpCannotApply_GoesBackAsAWhole()
    {
        var (first, second) = (await ReadAsync(percentage: 1), await ReadAsync(percentage: 2));
        var store = new ConfigStore(first);
        var swapped = new List<GatewaySnapshot>();
        store.Swapped += swapped.Add;
        // Stands in for YARP: it throws half way through the second configuration.
        var asked = new List<string>();
        Listen(store, asked, applied => applied == second.Revision ? new InvalidOperationException("half way") : null);

        var refused = await Assert.ThrowsAsync<ConfigurationRefusedException>(() => store.SwapAsync(second));

        Assert.Contains("half way", refused.Message, StringComparison.Ordinal);
        Assert.Equal([second.Revision, first.Revision], asked);
        Assert.Same(first, store.Current);
        Assert.Same(first.Gateway.Routes, store.Proxy.GetConfig().Routes);
        Assert.Same(first.Gateway.Clusters, store.Proxy.GetConfig().Clusters);
        Assert.Empty(swapped);
    }

    [Fact]
    public async Task Swap_ThatYarpApplies_IsInForceAndSaidSo()
    {
        var (first, second) = (await ReadAsync(percentage: 1), await ReadAsync(percentage: 2));
        var store = new ConfigStore(first);
        var swapped = new List<GatewaySnapshot>();
        store.Swapped += swapped.Add;
        Listen(store, [], _ => null);

        await store.SwapAsync(second);

        Assert.Same(second, store.Current);
        Assert.Equal(second.Revision, store.LastReload.Revision);
        Assert.Equal([second], swapped);
    }

    private static void Listen(ConfigStore store, List<string> asked, Func<string, Exception?> apply) => ChangeToken.OnChange(
        () => store.Proxy.GetConfig().ChangeToken,
        () =>
        {
            var config = store.Proxy.GetConfig();
            asked.Add(config.RevisionId);
            IConfigChangeListener listener = store;
            if (apply(config.RevisionId) is { } fault)
                listener.ConfigurationApplyingFailed([config], fault);
            else
                listener.ConfigurationApplied([config]);
        });

    private static async Task<GatewaySnapshot> ReadAsync(int percentage)
    {
        using var config = new ConfigDirectory();
        config.Cohort("canary")["DefaultRolloutPercentage"] = percentage;
        var folder = new ConfigFolder(config.Save().Path, _ => null, "Production", [], TimeProvider.System);
        return await folder.ParseAsync(folder.Read());
    }
}
