using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Completion;

/// <summary>
/// Answers an exception that no feature caught, with one error line. Nothing is thrown on: ASP.NET Core's own exception handler throws
/// again once the answer has begun, and then Serilog and Kestrel would each write an error line of their own.
/// </summary>
internal sealed partial class EscapedExceptions(ILogger<EscapedExceptions> logger)
{
    public async Task AnswerAsync(HttpContext context, Exception error)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return;
        if (FindBadRequest(error) is { } bad && !context.Response.HasStarted)
        {
            await WriteProblemAsync(context, bad.StatusCode, bad.Message);
            return;
        }

        LogUnhandled(error);
        if (context.Response.HasStarted)
            context.Abort(); // The status has been sent: only a cut connection still tells the client that the answer is not whole.
        else
            await WriteProblemAsync(context, StatusCodes.Status500InternalServerError, detail: null);
    }

    private static BadHttpRequestException? FindBadRequest(Exception error) => error switch
    {
        BadHttpRequestException bad => bad,
        // A chunk's size that no number holds: Kestrel finds it in the body, and throws what looks like a broken connection.
        IOException { InnerException: OverflowException, Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } =>
            new BadHttpRequestException(error.Message, error),
        _ => null,
    };

    private static async Task WriteProblemAsync(HttpContext context, int status, string? detail)
    {
        context.Response.ContentLength = null; // It was the length of the answer that failed.
        try
        {
            await Problem.For(context, status, detail: detail).WriteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left while this was written.
        }
    }

    [LoggerMessage(LogLevel.Error, "Unhandled exception")]
    private partial void LogUnhandled(Exception error);
}
