using System.Globalization;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace Harness;

/// <summary>
/// One WireMock server for many tests, as a fixture: the first start in a process costs up to a second. Each test asks for a page
/// of its own.
/// What WireMock cannot do (reset, stall half-way, answer without end, go away under the others) is <see cref="StubBackend"/>'s.
/// </summary>
public sealed class SharedWireMock : IAsyncDisposable
{
    private readonly WireMockServer _server =
        WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"] });
    private int _pages;

    public WireMockPage AddPage() =>
        new(_server, string.Create(CultureInfo.InvariantCulture, $"/{Interlocked.Increment(ref _pages)}"));

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A path and what a GET of it is answered; 404 until told otherwise.</summary>
public sealed class WireMockPage(WireMockServer server, string path)
{
    private readonly List<Guid> _mappings = [];

    public Uri Address { get; } = new(server.Url + path);

    /// <summary>How often it was asked for.</summary>
    public int Requests => server.FindLogEntries(Get).Count;

    private IRequestBuilder Get => Request.Create().WithPath(path).UsingGet();

    /// <summary>From now on, instead of what was said before.</summary>
    public void Answers(int status, string body = "", string contentType = "application/json", string? location = null)
    {
        Forget();
        var answer = Build(status, body, contentType);
        Add(server.Given(Get), location is null ? answer : answer.WithHeader("Location", location));
    }

    /// <summary>One after the other; the last one stays.</summary>
    public void AnswersInTurn(params (int Status, string Body)[] answers)
    {
        Forget();
        for (var i = 0; i < answers.Length; i++)
        {
            var given = server.Given(Get).InScenario(path);
            if (i > 0)
                given = given.WhenStateIs(i);
            Add(given.WillSetStateTo(Math.Min(i + 1, answers.Length - 1)), Build(answers[i].Status, answers[i].Body, "application/json"));
        }
    }

    private static IResponseBuilder Build(int status, string body, string contentType) =>
        Response.Create().WithStatusCode(status).WithHeader("Content-Type", contentType).WithBody(body);

    private void Add(IRespondWithAProvider given, IResponseBuilder answer)
    {
        var mapping = Guid.NewGuid();
        _mappings.Add(mapping);
        given.WithGuid(mapping).RespondWith(answer);
    }

    private void Forget()
    {
        foreach (var mapping in _mappings)
            server.DeleteMapping(mapping);
        _mappings.Clear();
    }
}
