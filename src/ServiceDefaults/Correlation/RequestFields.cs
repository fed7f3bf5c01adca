using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Correlation;

/// <summary>
/// What every log line of a request carries. One mutable object a request, ambient, because lines are
/// written by code that has never heard of the request (the HTTP client, the store, the proxy).
/// </summary>
public sealed class RequestFields
{
    private static readonly AsyncLocal<RequestFields?> Ambient = new();

    public static RequestFields? Current => Ambient.Value;

    public required string RequestId { get; init; }

    /// <summary>
    /// Its place in a trace where nobody makes spans; that of the request in whose flow these are made, unless it is given.
    /// </summary>
    public RequestTrace? Trace { get; init; } = Current?.Trace;

    public string? UserId { get; set; }

    /// <summary>One channel, or several joined by a comma.</summary>
    public string? Channel { get; set; }

    public string? CalendarId { get; set; }

    public string? RunId { get; set; }

    /// <summary>Route id in the gateway, endpoint name in the service. Completion line only.</summary>
    public string? Route { get; set; }

    /// <summary>Who answered. Completion line only.</summary>
    public string? Backend { get; set; }

    /// <summary>Why that one answered. Completion line only.</summary>
    public string? Reason { get; set; }

    /// <summary>How a stream or a publish ended, in the word that the metrics use. Completion line only.</summary>
    public string? Outcome { get; set; }

    /// <summary>Told once that the request is over, and what escaped and is about to be answered.</summary>
    public Action<HttpContext, Exception?>? Ending { get; set; }

    /// <summary>The status on the completion line and on the span; null until the request is over.</summary>
    internal int? HttpStatus { get; set; }

    /// <summary>
    /// Makes these the ambient fields for the rest of the asynchronous method that calls and for all that it awaits; who called it keeps
    /// its own.
    /// </summary>
    public void Begin() => Ambient.Value = this;

    /// <summary>Makes these the ambient fields until the result is disposed. Background work uses it for its own lines.</summary>
    public IDisposable Use()
    {
        var outer = Ambient.Value;
        Ambient.Value = this;
        return new Scope(outer);
    }

    private sealed class Scope(RequestFields? outer) : IDisposable
    {
        public void Dispose() => Ambient.Value = outer;
    }
}
