using System.Text.Json.Nodes;

namespace SystemTests.Fixtures;

/// <summary>No test, drill or benchmark sends anything to somebody else: a configuration that would is not even written.</summary>
public sealed class OwnAddressesTests : IDisposable
{
    private const string Destination = "Clusters/legacy/Destinations/legacy-1";

    private readonly ConfigDirectory _config = new();

    [Theory]
    [InlineData("http://192.0.2.1:80")]
    [InlineData("http://192.0.2.1")]
    [InlineData("https://legacy.example/base")]
    [InlineData("HTTP://LEGACY.EXAMPLE:8080")]
    [InlineData("http://127.0.0.1:8082")] // As it ships: on an operator's machine that is a real one.
    [InlineData("http://127.0.0.2:1")]
    [InlineData("http://[::1]:8082")]
    [InlineData("http://[2001:db8::1]:80")]
    [InlineData("http://user:secret@10.0.0.1:1")]
    [InlineData(" http://10.0.0.1:1 ")]
    [InlineData("ws://10.0.0.1:1")]
    public void Address_ThatNoTestOpened_IsRefusedBeforeAnythingIsWritten(string address)
    {
        Set(Destination + "/Address", address);

        var refused = Assert.Throws<InvalidOperationException>(() => _config.Save());

        Assert.Contains("legacy-1:Address", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_config.File(ConfigDirectory.GatewayFile)));
        Assert.Throws<InvalidOperationException>(_config.SwapLink);
        Assert.Throws<InvalidOperationException>(() => _config.Replace(ConfigDirectory.GatewayFile, _config.Gateway.ToJsonString()));
    }

    [Fact]
    public void Address_OfAnOwnPortUnderAName_IsRefused()
    {
        // A name is whatever the machine's hosts file says.
        Set(Destination + "/Address", $"http://localhost:{OwnPorts.Nowhere.Port}");

        Assert.Throws<InvalidOperationException>(() => _config.Save());
    }

    [Theory]
    [InlineData(Destination + "/Health")]
    [InlineData("Clusters/calendar/HttpClient/WebProxy/Address")]
    [InlineData("Clusters/another/Destinations/one/Address")]
    [InlineData("Elsewhere/Notify")]
    public void Address_WhereverItStands_IsLookedAt(string path)
    {
        Set(path, "http://192.0.2.1:80");

        Assert.Throws<InvalidOperationException>(() => _config.Save());
    }

    [Fact]
    public void Address_InRolloutFile_IsLookedAt()
    {
        _config.Rollout["Ramps"] = new JsonObject { ["canary"] = new JsonObject { ["Notify"] = new JsonArray("http://192.0.2.1:9911/") } };

        Assert.Throws<InvalidOperationException>(() => _config.Save());
    }

    [Fact]
    public void Address_OfOursOrOfNobody_IsWritten()
    {
        var given = OwnPorts.Next();
        _config.Point("legacy", new Uri($"http://127.0.0.1:{given}")).Save();
        _config.Point("legacy", OwnPorts.Nowhere).Save();
        _config.Point("legacy", new Uri("http://no-such-host.invalid:8082/")).Save();
        Set("Cors/pages/AllowedOrigins", "https://shop.example");
        _config.Save();

        _config.Write(ConfigDirectory.GatewayFile, "{ \"Address\": \"http://192.0.2.1:80"); // No gateway reads that.
    }

    [Fact]
    public void Nowhere_Asked_RefusesTheConnection() =>
        Assert.Throws<System.Net.Sockets.SocketException>(() => new System.Net.Sockets.TcpClient("127.0.0.1", OwnPorts.Nowhere.Port));

    public void Dispose() => _config.Dispose();

    private void Set(string path, string value)
    {
        var node = _config.Gateway["ReverseProxy"]!.AsObject();
        var keys = path.Split('/');
        foreach (var key in keys[..^1])
            node = (node[key] ??= new JsonObject()).AsObject();
        node[keys[^1]] = value;
    }
}
