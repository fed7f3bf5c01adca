using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Gateway.Tests;

/// <summary>What the gateway logged, line by line.</summary>
internal sealed class LogLines : TextWriter
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Raw => [.. _lines];

    public IReadOnlyList<JsonElement> All => [.. _lines.Select(l => JsonDocument.Parse(l).RootElement)];

    public override void Write(char value)
    {
        if (value != '\n')
        {
            _line.Append(value);
            return;
        }

        _lines.Enqueue(_line.ToString());
        _line.Clear();
    }

    public IReadOnlyList<JsonElement> Of(string requestId) =>
        [.. All.Where(l => l.GetProperty("requestId").ValueEquals(requestId))];

    /// <summary>Lines with this text in the message, once there is one: the sink writes in the background.</summary>
    public async Task<JsonElement> MessageAsync(string part)
    {
        JsonElement[] found = [];
        await Eventually.TrueAsync($"a log line says \"{part}\"", () =>
            (found = [.. All.Where(l => l.GetProperty("message").GetString()!.Contains(part, StringComparison.Ordinal))]).Length > 0);
        return found[0];
    }

    /// <summary>The completion line of a request, once it is written.</summary>
    public async Task<JsonElement> CompletionAsync(string requestId)
    {
        await Eventually.TrueAsync($"{requestId} has a completion line", () => Completions(requestId).Length > 0);
        return Completions(requestId).Single();
    }

    public Task<JsonElement> CompletionAsync(HttpResponseMessage response) =>
        CompletionAsync(response.Headers.GetValues("X-Request-Id").Single());

    private JsonElement[] Completions(string requestId) => [.. Of(requestId).Where(l => l.TryGetProperty("durationMs", out _))];
}
