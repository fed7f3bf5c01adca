using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Gateway.Fallback;

/// <summary>
/// Notices a request that this process has sent and that came back to it: a destination's address is its own, or leads here. Replicas
/// have names of their own, so a request may pass through another gateway, but not through the same one twice. Source: RFC 8586.
/// </summary>
internal sealed class LoopCheck
{
    public const string Header = "CDN-Loop";

    private readonly string _name = "calendar-gateway-" + RandomNumberGenerator.GetHexString(12, lowercase: true);

    /// <summary>False when the request has been here before; marks it otherwise.</summary>
    public bool TryMark(HttpRequest request)
    {
        var passed = request.Headers[Header];
        foreach (var value in passed)
        {
            if (value?.Contains(_name, StringComparison.Ordinal) == true)
                return false;
        }

        request.Headers[Header] = StringValues.Concat(passed, _name);
        return true;
    }
}
