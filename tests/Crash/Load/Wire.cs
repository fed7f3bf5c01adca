using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Crash.Load;

/// <summary>What a client knows of its request when it is over.</summary>
internal enum Fate
{
    /// <summary>2xx: it was promised.</summary>
    Acknowledged,

    /// <summary>4xx, 503 with X-Not-Accepted, or never sent: certainly nothing was done.</summary>
    Refused,

    /// <summary>Anything else: it may have been done, or not.</summary>
    Unclear,
}

/// <param name="What">The status, with the problem's code; or how it failed.</param>
internal sealed record Reply(
    string RequestId, int Replica, Fate Fate, string What, JsonElement Body, string? ETag, DateTimeOffset Sent, DateTimeOffset Received)
{
    public bool IsAcknowledged => Fate == Fate.Acknowledged;

    /// <summary>The version that an ETag names.</summary>
    public long? Version => ETag is null ? null : long.Parse(ETag.Trim('"'), CultureInfo.InvariantCulture);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{RequestId} at replica {Replica}, {Sent:HH:mm:ss.fff} to {Received:HH:mm:ss.fff}: {What}");
}

/// <summary>Requests to replicas. One connection a request, so that no handler ever repeats one on its own account.</summary>
internal sealed class Wire(Tally tally) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false });
    private int _requests;

    public async Task<Reply> SendAsync(
        Replica replica, string kind, HttpMethod method, string path, string user, string? body = null,
        params (string Name, string Value)[] headers)
    {
        var (requestId, sent) = (NextId(), TimeProvider.System.GetUtcNow());
        using var patience = new CancellationTokenSource(Patience);
        Reply reply;
        try
        {
            using var request = Request(replica, method, path, user, requestId, body, headers);
            using var response = await _http.SendAsync(request, patience.Token);
            var text = await response.Content.ReadAsStringAsync(patience.Token);
            reply = Of(response, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, replica, requestId, sent);
        }
        catch (Exception failed) when (IsFailure(failed))
        {
            reply = Of(failed, replica, requestId, sent);
        }

        tally.Count(kind, reply.What);
        return reply;
    }

    /// <summary>Answers as soon as the head of the response is there.</summary>
    public async Task<(Reply Reply, HttpResponseMessage? Stream)> OpenAsync(
        Replica replica, string kind, HttpMethod method, string path, string user, string? body,
        params (string Name, string Value)[] headers)
    {
        var (requestId, sent) = (NextId(), TimeProvider.System.GetUtcNow());
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var request = Request(replica, method, path, user, requestId, body, headers);
            var response = await _http.SendAsync(request, patience.Token);
            var failed = !response.IsSuccessStatusCode;
            var problem = failed ? JsonDocument.Parse(await response.Content.ReadAsStringAsync(patience.Token)).RootElement : default;
            var reply = Of(response, problem, replica, requestId, sent);
            tally.Count(kind, reply.What);
            if (!failed)
                return (reply, response);
            response.Dispose();
            return (reply, null);
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            var reply = Of(failure, replica, requestId, sent);
            tally.Count(kind, reply.What);
            return (reply, null);
        }
    }

    public static bool IsFailure(Exception error) =>
        error is HttpRequestException or OperationCanceledException or IOException or SocketException or JsonException;

    public void Dispose() => _http.Dispose();

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"crash-{Interlocked.Increment(ref _requests):D8}");

    private static HttpRequestMessage Request(
        Replica replica, HttpMethod method, string path, string user, string requestId, string? body, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(replica.Process.Address, path));
        request.Headers.Add("X-User-Id", user);
        request.Headers.Add("X-Request-Id", requestId);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }

        return request;
    }

    private static Reply Of(HttpResponseMessage response, JsonElement body, Replica replica, string requestId, DateTimeOffset sent)
    {
        var status = (int)response.StatusCode;
        var refused = status is >= 400 and < 500
            || (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.Contains("X-Not-Accepted"));
        var fate = response.IsSuccessStatusCode ? Fate.Acknowledged : refused ? Fate.Refused : Fate.Unclear;
        var code = fate != Fate.Acknowledged && body.ValueKind == JsonValueKind.Object && body.TryGetProperty("code", out var named)
            ? " " + named.GetString() : "";
        return new(
            requestId, replica.Number, fate, string.Create(CultureInfo.InvariantCulture, $"{status}{code}"), body,
            response.Headers.ETag?.Tag,
            sent, TimeProvider.System.GetUtcNow());
    }

    private static Reply Of(Exception failed, Replica replica, string requestId, DateTimeOffset sent)
    {
        var notSent = failed is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
        var what = notSent ? "not sent" : failed is OperationCanceledException ? "no answer" : "cut off";
        return new(
            requestId, replica.Number, notSent ? Fate.Refused : Fate.Unclear, what, default, null, sent, TimeProvider.System.GetUtcNow());
    }
}
