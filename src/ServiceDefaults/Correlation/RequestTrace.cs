using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ServiceDefaults.Correlation;

/// <summary>
/// A request's place in a W3C trace, for its log lines and for whoever it is sent on to. A number and no span: nobody records it.
/// Source: https://www.w3.org/TR/trace-context-1/, section 3.2.2.
/// </summary>
/// <param name="TraceHigh">The first half of the trace id.</param>
/// <param name="TraceLow">The second half.</param>
/// <param name="Span">This program's part.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RequestTrace(ulong TraceHigh, ulong TraceLow, ulong Span)
{
    public const string Header = "traceparent";

    private const int HeaderLength = 55;

    public string TraceId => string.Create(CultureInfo.InvariantCulture, $"{TraceHigh:x16}{TraceLow:x16}");

    public string SpanId => Span.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The trace of a request that brought none.</summary>
    public static RequestTrace New()
    {
        Span<byte> random = stackalloc byte[24];
        RandomBlock.Fill(random);
        var ids = MemoryMarshal.Cast<byte, ulong>(random);
        return new(ids[0] | 1, ids[1], ids[2] | 1); // Neither id may be zero.
    }

    /// <param name="parent">A valid <c>traceparent</c> of version 00.</param>
    public static RequestTrace Continue(ReadOnlySpan<char> parent) => New() with
    {
        TraceHigh = Read(parent[3..19]),
        TraceLow = Read(parent[19..35]),
    };

    /// <summary>What the next program gets as <c>traceparent</c>; the last part says that nobody records it.</summary>
    public string ToHeader() => string.Create(HeaderLength, this, static (header, trace) =>
    {
        "00-".CopyTo(header);
        WriteHex(trace.TraceHigh, header[3..]);
        WriteHex(trace.TraceLow, header[19..]);
        header[35] = '-';
        WriteHex(trace.Span, header[36..]);
        "-00".CopyTo(header[52..]);
    });

    /// <summary>Sixteen digits.</summary>
    private static void WriteHex(ulong value, Span<char> text)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Convert.TryToHexStringLower(bytes, text, out _);
    }

    private static ulong Read(ReadOnlySpan<char> hex) => ulong.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
