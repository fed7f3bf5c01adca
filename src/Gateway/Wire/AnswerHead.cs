using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Gateway.Wire;

/// <summary>What is not passed on of an answer's head, or not as it stands. The counterpart of <see cref="RequestHead"/>.</summary>
internal static class AnswerHead
{
    /// <summary>Says where the body ends, and how it is to be read: no backend can mean these by a nomination.</summary>
    private static readonly FrozenSet<string> OfTheBody = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Content-Length", "Transfer-Encoding", "Content-Type", "Content-Encoding", "Content-Range");

    private static readonly FrozenSet<string> NeverInTrailers = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, [.. OfTheBody, "Trailer", "Connection", "Host", "Set-Cookie"]);

    public static bool IsForbiddenInTrailers(string name) => NeverInTrailers.Contains(name);

    /// <summary>RFC 9110 section 7.6.1: what the backend names in <c>Connection</c> was meant for us.</summary>
    public static void RemoveNominated(IHeaderDictionary headers, StringValues connection)
    {
        foreach (var line in connection)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                var name = line.AsSpan(part).Trim();
                if (name.IsEmpty || name.Equals("close", StringComparison.OrdinalIgnoreCase)
                    || name.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
                    || name.Equals("upgrade", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                var nominated = name.ToString();
                if (!OfTheBody.Contains(nominated))
                    headers.Remove(nominated);
            }
        }
    }

    /// <summary>
    /// RFC 9110 sections 15.3.5 and 15.3.6. A length beside these statuses is what some backends write for the body that they leave out;
    /// Kestrel would take it for a promise and, finding no body, answer 500. A 304's length is that of another answer, and passes.
    /// </summary>
    public static bool NeverHasABody(int status) =>
        status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent;
}
