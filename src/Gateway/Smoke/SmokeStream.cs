using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Smoke;

internal sealed record SmokeEvent(string Type, long? Id, JsonElement Data, TimeSpan At);

/// <summary>An event stream, followed to its end. The framework's parser drops comments, and keep-alives are comments.</summary>
internal sealed record SmokeStream(IReadOnlyList<SmokeEvent> Events, int Comments, TimeSpan LongestSilence, TimeSpan Took)
{
    /// <param name="asked">A timestamp: silence begins with the question.</param>
    public static async Task<SmokeStream> ReadAsync(Stream body, long asked, TimeSpan patience, CancellationToken cancel)
    {
        var (events, comments, longest, last) = (new List<SmokeEvent>(), 0, TimeSpan.Zero, TimeSpan.Zero);
        using var lines = new StreamReader(body);
        var (type, id, data) = ("message", (long?)null, "");
        while (await LineAsync(lines, patience, cancel) is { } line)
        {
            var now = Stopwatch.GetElapsedTime(asked);
            longest = now - last > longest ? now - last : longest;
            last = now;
            if (line.StartsWith(':'))
                comments++;
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                type = line[7..];
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data += line[6..];
            else if (line.Length == 0 && data.Length > 0)
            {
                events.Add(new(type, id, Parse(data), now));
                (type, id, data) = ("message", null, "");
            }
        }

        return new(events, comments, longest, Stopwatch.GetElapsedTime(asked));
    }

    /// <summary>The last event, which has to be the one <c>done</c>.</summary>
    public JsonElement Done
    {
        get
        {
            if (Events.Count == 0 || Events[^1].Type != "done" || Events.Count(e => e.Type == "done") != 1)
                throw new SmokeFailedException($"the stream does not end in its one done: {string.Join(", ", Events.Select(e => e.Type))}");
            return Events[^1].Data;
        }
    }

    private static async Task<string?> LineAsync(StreamReader lines, TimeSpan patience, CancellationToken cancel)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(patience);
        try
        {
            return await lines.ReadLineAsync(silence.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new SmokeFailedException($"the stream was silent for {patience.TotalSeconds} s");
        }
    }

    private static JsonElement Parse(string data)
    {
        try
        {
            return JsonDocument.Parse(data).RootElement;
        }
        catch (JsonException)
        {
            throw new SmokeFailedException($"an event's data is not JSON: {data}");
        }
    }
}
