using System.Text.Json;
using Gateway.Listening;
using Gateway.Rollout.Arms;
using Gateway.Snapshots;

namespace Gateway.Rollout.Control;

/// <summary>The evidence of every gateway that the settings name; of this one when they name none.</summary>
/// <param name="own">Null in a process that is no gateway.</param>
internal sealed class EvidenceSources(RolloutOptions options, OwnEvidence? own = null) : IDisposable
{
    public const string Itself = "itself";

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    };

    private readonly IReadOnlyList<AdminClient> _gateways =
        [.. options.Gateways.Select(address => AdminClient.Named(ListenerAddress.Parse(address)!))];

    /// <returns>By address; null for a gateway that does not answer, or not with evidence.</returns>
    public async Task<IReadOnlyDictionary<string, EvidencePage?>> ReadAsync(CancellationToken cancel)
    {
        if (_gateways.Count == 0)
            return new Dictionary<string, EvidencePage?>(StringComparer.Ordinal) { [Itself] = own?.Read() };
        var pages = await Task.WhenAll(_gateways.Select(gateway => ReadAsync(gateway, cancel)));
        return _gateways.Zip(pages).ToDictionary(one => one.First.Address.ToString(), one => one.Second, StringComparer.Ordinal);
    }

    public void Dispose()
    {
        foreach (var gateway in _gateways)
            gateway.Dispose();
    }

    private static async Task<EvidencePage?> ReadAsync(AdminClient gateway, CancellationToken cancel)
    {
        try
        {
            using var answer = await gateway.GetAsync("/evidence", cancel);
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<EvidencePage>(await answer.Content.ReadAsByteArrayAsync(cancel), Strict) : null;
        }
        catch (Exception error) when (error is HttpRequestException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>What this gateway itself has counted.</summary>
internal sealed class OwnEvidence(ArmRegistry arms, ConfigStore store, RolloutOptions options)
{
    public EvidencePage Read()
    {
        var snapshot = store.Current;
        return new(
            snapshot.Revision, options.Tick.TotalSeconds,
            arms.ByCohort.Where(one => snapshot.Rollout.Cohorts.ContainsKey(one.Key)).ToDictionary(
                one => one.Key,
                one => new CohortEvidence(
                    one.Value.Epoch, snapshot.Rollout.Cohorts[one.Key].DefaultPercentage,
                    [.. snapshot.Flags.Values.Where(flag => flag.Switch.On && flag.SoleCohort?.Name == one.Key).Select(flag => flag.Name)
                        .Order(StringComparer.Ordinal)],
                    one.Value.Read()),
                StringComparer.Ordinal));
    }
}
