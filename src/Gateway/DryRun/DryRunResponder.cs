using Gateway.Exchanges;
using ServiceDefaults.Problems;

namespace Gateway.DryRun;

/// <summary>
/// Answers in a backend's place, deterministically: the same request gets the same bytes, apart from the request id. Nothing is
/// stored, and every answer says <c>dryRun: true</c>.
/// </summary>
internal sealed class DryRunResponder(GenerateDryRun generate, PublishDryRun publish)
{
    public Task AnswerAsync(HttpContext context, DryRunKind kind) => kind switch
    {
        DryRunKind.Generate => generate.AnswerAsync(context),
        DryRunKind.Export => ExportDryRun.AnswerAsync(context),
        DryRunKind.Publish => publish.AnswerAsync(context),
        _ => throw new ArgumentOutOfRangeException(
            nameof(kind), kind, "A chain ends in dry-run without a responder; validation lets none through."),
    };

    public static Task WrongMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return Problem.For(context, StatusCodes.Status405MethodNotAllowed).WriteAsync(context);
    }
}
