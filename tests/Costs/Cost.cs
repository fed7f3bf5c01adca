namespace Costs;

/// <summary>What one request, or one event of a stream, costs the gateway.</summary>
/// <param name="Bytes">Allocated on the managed heap.</param>
/// <param name="Activities">Started, by whomever.</param>
/// <param name="Scopes">Logging scopes opened, by whomever.</param>
/// <param name="WorkItems">Handed to the thread pool: each time a request goes on after it had to wait.</param>
/// <param name="ToClient">Segments of data sent to the client: send calls, unless one wrote more than 64 KiB.</param>
/// <param name="ToBackend">Segments of data sent to the backend.</param>
/// <param name="FileReads">Read calls on files and devices; what comes over a socket is received and not read.</param>
internal sealed record Cost(
    string Case, double Bytes, double Activities, double Scopes, double WorkItems, double ToClient, double ToBackend, double FileReads);
