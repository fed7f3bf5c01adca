using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace SystemTests;

/// <summary>The outside party of these tests: the legacy backend, on a real socket.</summary>
internal sealed class LegacyStub : IDisposable
{
    private readonly WireMockServer _server = WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"] });

    public LegacyStub()
    {
        OwnPorts.Claim(_server.Port);
        _server.Given(Request.Create().UsingAnyMethod()).RespondWith(
            Response.Create().WithHeader("Content-Type", "application/json; charset=utf-8").WithBody("""{"backend":"legacy"}"""));
    }

    public string Url => _server.Url!;

    /// <summary>Method and path of each request so far.</summary>
    public IEnumerable<string> Requests => _server.LogEntries.Select(e => $"{e.RequestMessage.Method} {e.RequestMessage.Path}");

    /// <summary>Nobody listens any more when this returns.</summary>
    public void Dispose()
    {
        _server.Stop();
        _server.Dispose();
    }
}
