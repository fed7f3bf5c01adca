using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Harness;

/// <param name="Id">The last event id that a browser would remember after this event.</param>
public sealed record StreamEvent(string Type, string Data, string? Id)
{
    public JsonElement Json => JsonDocument.Parse(Data).RootElement;
}

/// <summary>Reads <c>text/event-stream</c> as a browser does, one event at a time.</summary>
public sealed class EventReader(HttpResponseMessage response) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private IAsyncEnumerator<SseItem<string>>? _events;

    public HttpResponseMessage Response => response;

    public static async Task<EventReader> OpenAsync(HttpClient client, HttpRequestMessage request) =>
        new(await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));

    /// <summary>Null at the end of the stream.</summary>
    public async Task<StreamEvent?> NextAsync()
    {
        _events ??= SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        return await _events.MoveNextAsync().AsTask().WaitAsync(Patience)
            ? new(_events.Current.EventType, _events.Current.Data, _events.Current.EventId)
            : null;
    }

    public async Task<IReadOnlyList<StreamEvent>> RestAsync()
    {
        var all = new List<StreamEvent>();
        while (await NextAsync() is { } next)
            all.Add(next);
        return all;
    }

    public ValueTask DisposeAsync()
    {
        response.Dispose(); // First: it ends a read that is still waiting, which the enumerator could not.
        return ValueTask.CompletedTask;
    }
}
