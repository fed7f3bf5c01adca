using System.Buffers;
using System.Buffers.Binary;
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
    public static RequestId New()
    {
        // RFC 9562 section 5.7: the milliseconds, and random bits around version and variant.
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() << 16);
        RandomBlock.Fill(bytes[6..]);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new(new Guid(bytes, bigEndian: true).ToString());
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out RequestId id)
    {
        var legal = text is { Length: >= 8 and <= 128 } && !text.AsSpan().ContainsAnyExcept(Legal);
        id = legal ? new RequestId(text!) : default;
        return legal;
    }

    public override string ToString() => Value;
}
