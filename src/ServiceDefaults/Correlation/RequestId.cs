using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace ServiceDefaults.Correlation;

/// <summary>The id that ties one request's log lines, headers and answers together: 8 to 128 of <c>[A-Za-z0-9._-]</c>.</summary>
public readonly record struct RequestId
{
    public const string Header = "X-Request-Id";

    private static readonly SearchValues<char> Legal =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private RequestId(string value) => Value = value;

    public string Value { get; }

    /// <summary>A new UUIDv7, so that ids sort by time in a log search.</summary>
    public static RequestId New() => new(Guid.CreateVersion7().ToString());

    public static bool TryParse([NotNullWhen(true)] string? text, out RequestId id)
    {
        var legal = text is { Length: >= 8 and <= 128 } && !text.AsSpan().ContainsAnyExcept(Legal);
        id = legal ? new RequestId(text!) : default;
        return legal;
    }

    public override string ToString() => Value;
}
