using System.Text.Json;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Completion;
using ServiceDefaults.Correlation;

namespace Gateway.Tests.Logs;

/// <summary>
/// The completion line is written by hand, for its price. What it says of any value is what the logger would have said of it.
/// Holds docs/contract.md section 8: logs.
/// </summary>
public sealed class CompletionWritingTests
{
    private static readonly string?[] Values =
    [
        null, "", "plain", "a b", "q\"uote", "back\\slash", "line\nbreak", "esc\u001b[31m", "ünï 🌱", "half \ud800", "right\u202eleft",
        "a?token=secret&b", "http://user:password@host/x", "what?", "me@home", "null", new string('n', 201), "{Path}", "\u0085",
    ];

    [Fact]
    public async Task Line_OfAnyValues_SaysWhatTheLoggerWouldSay()
    {
        await using var host = await CompletionHost.StartAsync();
        var random = new Random(13);
        for (var i = 0; i < 200; i++)
        {
            var fields = host.Next = new RequestFields
            {
                RequestId = $"request-{i}", UserId = Pick(), Channel = Pick(), CalendarId = Pick(), RunId = Pick(), Route = Pick(),
                Backend = Pick(), Reason = Pick(), Outcome = Pick(), Trace = RequestTrace.New(),
            };
            // No URL can hold half a surrogate pair.
            var rest = Pick()?.Replace("\ud800", "", StringComparison.Ordinal) ?? "x";
            using var request = CompletionHost.Request("/any/" + Uri.EscapeDataString(rest), fields.RequestId);
            using var answer = await host.Client.SendAsync(request);
        }

        var lines = await host.StopAndReadAllAsync();

        for (var i = 0; i < 200; i++)
        {
            var ofRequest = lines.Where(line => line.GetProperty("requestId").GetString() == $"request-{i}").ToArray();
            Assert.Equal(2, ofRequest.Length);
            Assert.Equal(Described(ofRequest[0]), Described(ofRequest[1]));
        }

        string? Pick() => Values[random.Next(Values.Length)];
    }

    /// <summary>Every key with its text, but for when and how long, and without the order.</summary>
    private static string[] Described(JsonElement line) =>
    [
        .. line.EnumerateObject().Where(key => key.Name is not ("timestamp" or "durationMs" or "message"))
            .Select(key => $"{key.Name}: {key.Value.GetRawText()}")
            .Append("message: " + WithoutDuration(line.GetProperty("message").GetRawText()))
            .Order(StringComparer.Ordinal),
    ];

    private static string WithoutDuration(string message)
    {
        var ms = message.LastIndexOf(" ms (status ", StringComparison.Ordinal);
        return message[..message.LastIndexOf(" in ", ms, StringComparison.Ordinal)] + message[ms..];
    }
}
