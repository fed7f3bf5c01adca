namespace Gateway.Listening;

/// <summary>
/// Whether what is about to be written on a connection is the pipeline's or Kestrel's own. HTTP/1.1 has one request at a time on a
/// connection, so two marks are enough; HTTP/2 never asks.
/// </summary>
internal sealed class ConnectionPipeline
{
    /// <summary>A request is between the first middleware and its last.</summary>
    public bool Running { get; set; }

    /// <summary>
    /// An answer has its headers, and the next bytes written are its head: also after the middleware, for an answer without a body.
    /// </summary>
    public bool Stamped { get; set; }
}
