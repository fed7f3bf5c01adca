using System.Net;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Extensions.Http;

namespace CalendarService.Generation.Writers;

/// <summary>
/// Leaves an AI alone for a while that failed several calls in a row, so that runs hear of it at once instead of each retrying against it.
/// A failure is a connection that cannot be made or breaks before the head, 408, 429 and every 5xx; any other answer starts the count anew.
/// A stream that breaks after its head is not seen here, and a call that was cancelled, by a client that left or by a run's limits, counts
/// neither way.
/// </summary>
internal sealed partial class ChatCircuit
{
    private readonly ILogger<ChatCircuit> _logger;

    public ChatCircuit(IOptions<WriterOptions> options, ILogger<ChatCircuit> logger)
    {
        _logger = logger;
        var openAI = options.Value.OpenAI;
        Policy = HttpPolicyExtensions
            .HandleTransientHttpError()
            .OrResult(answer => answer.StatusCode is HttpStatusCode.TooManyRequests)
            .CircuitBreakerAsync(
                openAI.CircuitFailures,
                openAI.CircuitBreak,
                onBreak: (_, time) => LogOpened((long)time.TotalMilliseconds),
                onReset: LogClosed);
    }

    /// <summary>One for all runs: the factory builds its handlers anew every few minutes, and the count has to outlive them.</summary>
    public IAsyncPolicy<HttpResponseMessage> Policy { get; }

    [LoggerMessage(LogLevel.Warning, "The AI failed too often in a row; it is not asked for {BreakMs} ms")]
    private partial void LogOpened(long breakMs);

    [LoggerMessage(LogLevel.Information, "The AI answers again")]
    private partial void LogClosed();
}
