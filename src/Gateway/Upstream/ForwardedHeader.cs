using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;

namespace Gateway.Upstream;

/// <summary>
/// What a trusted peer's <c>Forwarded</c> says, in the words of <c>X-Forwarded-*</c>. Source: RFC 7239.
/// </summary>
/// <param name="For">The nodes, nearest to the client first, without quotes, brackets and ports; empty when none is named.</param>
/// <param name="Proto">How the client asked; null when it is not said.</param>
/// <param name="Host">Whom the client asked; null when it is not said.</param>
internal sealed record ForwardedHeader(string For, string? Proto, string? Host)
{
    private static readonly SearchValues<char> NeverInAValue = SearchValues.Create("\" \t,;");

    /// <summary>Null when there is none, and when it cannot be read: then nobody behind us shall try.</summary>
    public static ForwardedHeader? TryRead(StringValues lines)
    {
        if (lines.Count == 0)
            return null;
        var nodes = new List<string>();
        string? proto = null, host = null;
        foreach (var element in SplitOutsideQuotes(lines.ToString(), ','))
        {
            foreach (var pair in SplitOutsideQuotes(element, ';'))
            {
                if (pair.Length == 0)
                    continue;
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                if (equals < 1 || Unquote(pair[(equals + 1)..]) is not { } value)
                    return null;
                switch (pair[..equals].ToLowerInvariant())
                {
                    case "for":
                        nodes.Add(NameOf(value));
                        break;
                    case "proto":
                        proto ??= value;
                        break;
                    case "host":
                        host ??= value;
                        break;
                }
            }
        }

        return new(string.Join(", ", nodes), proto, host);
    }

    /// <summary>Whether the other headers of the same peer, as far as there are any, tell the same.</summary>
    public bool AgreesWith(string? forwardedFor, string? proto, string? host) =>
        (string.IsNullOrEmpty(forwardedFor) || For.Length == 0 || Squeeze(forwardedFor) == Squeeze(For))
        && Same(proto, Proto) && Same(host, Host);

    /// <summary>The header with one hop more, as <c>X-Forwarded-For</c> gets it.</summary>
    public static string Extend(StringValues lines, IPAddress? peer) => peer switch
    {
        null => lines.ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => $"{lines}, for=\"[{peer}]\"",
        _ => $"{lines}, for={peer}",
    };

    private static bool Same(string? one, string? other) =>
        string.IsNullOrEmpty(one) || other is null || one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string Squeeze(string list) => list.Replace(" ", "", StringComparison.Ordinal);

    /// <summary>
    /// <c>[2001:db8::1]:4711</c> and <c>192.0.2.1:80</c> as the address alone; <c>unknown</c> and <c>_hidden</c> as they are.
    /// </summary>
    private static string NameOf(string node) => IPEndPoint.TryParse(node, out var end) ? end.Address.ToString() : node;

    private static string? Unquote(string value)
    {
        if (value is not ['"', .., '"'] || value.Length < 2)
            return value.Length > 0 && !value.AsSpan().ContainsAny(NeverInAValue) && !value.Contains('=') ? value : null;
        var text = value[1..^1].Replace("\\", "", StringComparison.Ordinal);
        return text.Length > 0 && !text.AsSpan().ContainsAny(NeverInAValue) ? text : null;
    }

    private static List<string> SplitOutsideQuotes(string text, char separator)
    {
        var parts = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = !quoted;
            else if (text[i] == separator && !quoted)
                {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        parts.Add(text[Math.Min(start, text.Length)..].Trim());
        return parts;
    }
}
