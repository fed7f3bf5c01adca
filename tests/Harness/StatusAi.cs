using System.Globalization;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace Harness;

/// <summary>An AI endpoint that gives whole answers: a status, a <c>Retry-After</c>, a body, right or wrong.</summary>
public sealed class StatusAi : IDisposable
{
    // WireMock's first start in a process takes up to a second, so all tests share one server, each under a path of its own.
    private static readonly Lazy<WireMockServer> Server = new(
        () => WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"] }));

    private static int _started;

    private readonly string _path = string.Create(CultureInfo.InvariantCulture, $"/ai-{Interlocked.Increment(ref _started)}/v1");
    private readonly List<Guid> _mappings = [];
    private int _scripts;

    private StatusAi()
    {
    }

    /// <summary>For <c>Writer:OpenAI:BaseUrl</c>.</summary>
    public string BaseUrl => Server.Value.Url + _path;

    /// <summary>The bodies of the calls so far.</summary>
    public IReadOnlyList<string> Calls =>
        [.. Server.Value.LogEntries.Where(e => e.RequestMessage.Path == CallPath).Select(e => e.RequestMessage.Body ?? "")];

    private string CallPath => $"{_path}/chat/completions";

    public static StatusAi Start(params AiAnswer[] answers)
    {
        var ai = new StatusAi();
        ai.Answers(answers);
        return ai;
    }

    /// <summary>From now on the next calls are answered with these, one each; the last one answers all that follow.</summary>
    public void Answers(params AiAnswer[] answers)
    {
        Dispose();
        var script = string.Create(CultureInfo.InvariantCulture, $"{_path} {_scripts++}");
        for (var at = 0; at < answers.Length; at++)
        {
            var guid = Guid.NewGuid();
            var given = Server.Value.Given(Request.Create().WithPath(CallPath).UsingPost()).WithGuid(guid);
            // The first state has no name; the last one is its own successor, or the script would begin anew.
            if (answers.Length > 1)
                given = given.InScenario(script).WillSetStateTo(State(Math.Min(at + 1, answers.Length - 1)));
            if (at > 0)
                given = given.WhenStateIs(State(at));
            given.RespondWith(answers[at].Build());
            _mappings.Add(guid);
        }
    }

    public void Dispose()
    {
        foreach (var mapping in _mappings)
            Server.Value.DeleteMapping(mapping);
        _mappings.Clear();
    }

    private static string State(int at) => at.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One whole answer of a <see cref="StatusAi"/>.</summary>
public sealed record AiAnswer(int Status, string Body = "{}", string? RetryAfter = null)
{
    /// <summary>Says nothing more after its body, and does not end either.</summary>
    private bool Stalls { get; init; }

    public static AiAnswer Stream(string body) => new(200, body);

    public static AiAnswer Posts(params string[] texts) =>
        Stream(string.Concat(AiFrames.Text(AiFrames.Posts(texts))) + AiFrames.End("stop"));

    public static AiAnswer PostsAndSilence(params string[] texts) =>
        Stream(string.Concat(AiFrames.Text(AiFrames.Posts(texts)))) with { Stalls = true };

    public static AiAnswer Refusal(string words) => Stream(AiFrames.Refusal(words) + AiFrames.End("stop"));

    internal IResponseBuilder Build()
    {
        var response = Response.Create().WithStatusCode(Status);
        if (RetryAfter is not null)
            response = response.WithHeader("Retry-After", RetryAfter);
        response = response.WithHeader("Content-Type", Status == 200 ? "text/event-stream" : "application/json");
        return Stalls
            ? response.WithSseBody((_, pieces) =>
            {
                pieces.Write(Body);
                return Task.CompletedTask;
            })
            : response.WithBody(Body);
    }
}
