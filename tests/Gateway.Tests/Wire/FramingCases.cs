using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Wire;

/// <summary>Where a request ends: the ground that smuggling is done on.</summary>
internal static class FramingCases
{
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: gateway.test\r\n\r\n";
    private const string Chunked = "Transfer-Encoding: chunked";

    public static IReadOnlyList<WireCase> All { get; } =
    [
        // What is legal, so that a refusal of everything would be noticed.
        ToLegacy("content-length", Post("a=1", "Content-Length: 3"), "POST /form", "a=1"),
        ToLegacy("content-length zero", Post("", "Content-Length: 0"), "POST /form"),
        ToLegacy("content-length with leading zeros", Post("a=1", "Content-Length: 0003"), "POST /form", "a=1"),
        ToLegacy("chunked", Post("3\r\na=1\r\n0\r\n\r\n", Chunked), "POST /form", "a=1"),
        ToLegacy("chunked in capitals", Post("3\r\na=1\r\n0\r\n\r\n", "TRANSFER-ENCODING: CHUNKED"), "POST /form", "a=1"),
        ToLegacy("chunked in several chunks", Post("1\r\na\r\n2\r\n=1\r\n0\r\n\r\n", Chunked), "POST /form", "a=1"),
        ToLegacy("chunk size in capital hex", Post("A\r\n0123456789\r\n0\r\n\r\n", Chunked), "POST /form", "0123456789"),
        ToLegacy("chunk extension", Post("3;a=b\r\na=1\r\n0\r\n\r\n", Chunked), "POST /form", "a=1"),
        ToLegacy("chunked with a trailer", Post("3\r\na=1\r\n0\r\nX-Sum: 1\r\n\r\n", Chunked), "POST /form", "a=1"),
        ToLegacy("body on a GET", Head("GET", "/form", "Content-Length: 3") + "a=1", "GET /form", "a=1"),

        // Two statements about one length.
        Refused("CL.TE", Post("0\r\n\r\n" + Smuggled, "Content-Length: 52", Chunked)),
        Refused("CL.TE, short length", Post("0\r\n\r\n" + Smuggled, "Content-Length: 5", Chunked)),
        Refused("TE.CL", Post("0\r\n\r\n" + Smuggled, Chunked, "Content-Length: 4")),
        Refused("TE and a length of zero", Post("0\r\n\r\n" + Smuggled, "Content-Length: 0", Chunked)),
        Refused("TE and X-Content-Length", Post("0\r\n\r\n", "X-Content-Length: 3", Chunked)),
        Refused("two lengths that differ", Post("a=1" + Smuggled, "Content-Length: 3", "Content-Length: 50")),
        Refused("two lengths alike", Post("a=1", "Content-Length: 3", "Content-Length: 3")),
        Refused("a list of lengths", Post("a=1", "Content-Length: 3, 3")),
        Refused("a list of lengths that differ", Post("a=1", "Content-Length: 3, 50")),

        // A length that is no number to everybody.
        // Kestrel reads it as 3 and keeps no trace of the plus. A backend gets a plain 3, so behind us there is one reading.
        ToLegacy("length with a plus", Post("a=1", "Content-Length: +3"), "POST /form", "a=1"),
        Refused("length with a minus", Post("a=1", "Content-Length: -3")),
        Refused("length in hex", Post("a=1", "Content-Length: 0x3")),
        Refused("length with a space inside", Post("a=1", "Content-Length: 3 0")),
        Refused("length with a fraction", Post("a=1", "Content-Length: 3.0")),
        Refused("length with an exponent", Post("a=1", "Content-Length: 3e0")),
        Refused("length with an underscore", Post("a=1", "Content-Length: 1_0")),
        Refused("length with a separator", Post("a=1", "Content-Length: 1,000")),
        Refused("length with a letter", Post("a=1", "Content-Length: 3a")),
        Refused("length quoted", Post("a=1", "Content-Length: \"3\"")),
        Refused("length empty", Post("a=1", "Content-Length:")),
        Refused("length beyond 64 bits", Post("a=1", "Content-Length: 18446744073709551619")),
        Refused("length of 40 digits", Post("a=1", "Content-Length: 1" + new string('0', 39))),
        Refused("length with a vertical tab", Post("a=1", "Content-Length: \v3")),
        Refused("length in fullwidth digits", Post("a=1", "Content-Length: \u00ef\u00bc\u0093")),
        Refused("length with NUL", Post("a=1", "Content-Length: 3\0")),
        Refused("space before the colon", Post("a=1", "Content-Length : 3")),
        Refused("tab before the colon", Post("a=1", "Content-Length\t: 3")),
        ToLegacy("length without a space", Post("a=1", "Content-Length:3"), "POST /form", "a=1"),
        ToLegacy("length with trailing space", Post("a=1", "Content-Length: 3 "), "POST /form", "a=1"),

        // Codings that one reader knows and another does not.
        Refused("TE identity", Post("a=1", "Transfer-Encoding: identity")),
        Refused("TE xchunked", Post("0\r\n\r\n", "Transfer-Encoding: xchunked")),
        Refused("TE chunked,identity", Post("0\r\n\r\n", "Transfer-Encoding: chunked, identity")),
        Refused("TE gzip,chunked", Post("0\r\n\r\n", "Transfer-Encoding: gzip, chunked")),
        Refused("TE identity,chunked", Post("0\r\n\r\n", "Transfer-Encoding: identity, chunked")),
        Refused("TE chunked,chunked", Post("0\r\n\r\n", "Transfer-Encoding: chunked, chunked")),
        Refused("two TE", Post("0\r\n\r\n" + Smuggled, Chunked, "Transfer-Encoding: identity")),
        Refused("two TE alike", Post("0\r\n\r\n", Chunked, Chunked)),
        Refused("two TE, the odd one first", Post("0\r\n\r\n" + Smuggled, "Transfer-Encoding: x", Chunked)),
        Refused("TE quoted", Post("0\r\n\r\n", "Transfer-Encoding: \"chunked\"")),
        Refused("TE with a parameter", Post("0\r\n\r\n", "Transfer-Encoding: chunked;q=1")),
        Refused("TE with a vertical tab", Post("0\r\n\r\n", "Transfer-Encoding: \vchunked")),
        Refused("TE with NUL", Post("0\r\n\r\n", "Transfer-Encoding: chunked\0")),
        Refused("TE with a trailing comma", Post("0\r\n\r\n", "Transfer-Encoding: chunked,")),
        Refused("TE empty", Post("0\r\n\r\n", "Transfer-Encoding:")),
        Refused("space before TE's colon", Post("0\r\n\r\n", "Transfer-Encoding : chunked")),
        Refused("TE folded", Post("0\r\n\r\n", "Transfer-Encoding:\r\n chunked")),
        Refused("TE behind a folded line", Post("0\r\n\r\n", "X-A: b\r\n Transfer-Encoding: chunked")),
        Refused("TE behind a bare CR", Post("0\r\n\r\n", "X-A: b\rTransfer-Encoding: chunked")),
        Refused("TE behind a bare LF", Post("0\r\n\r\n", "X-A: b\nTransfer-Encoding: chunked")),
        Refused("TE in HTTP/1.0", "POST /form HTTP/1.0\r\nHost: gateway.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ToLegacy("TE with a tab", Post("0\r\n\r\n", "Transfer-Encoding:\tchunked"), "POST /form"),

        // Chunks that end where only one reader thinks so.
        Refused("chunk size negative", Post("-1\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size with a plus", Post("+3\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size with 0x", Post("0x3\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size with a letter", Post("3g\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size empty", Post("\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size beyond 64 bits", Post("10000000000000003\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size that overflows 32 bits", Post("100000003\r\na=1\r\n0\r\n\r\n" + Smuggled, Chunked),
            null) with { Unfinished = true },
        Refused("space before the chunk size", Post(" 3\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk longer than its size", Post("2\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size line ended by LF", Post("3\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk size line ended by CR", Post("3\ra=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk ended by LF", Post("3\r\na=1\n0\r\n\r\n", Chunked)),
        Refused("chunk extension with LF", Post("3;a\nb\r\na=1\r\n0\r\n\r\n", Chunked)),
        Refused("chunk extension with CR", Post("3;a\rb\r\na=1\r\n0\r\n\r\n", Chunked)),
        Cut("chunks without an end", Post("3\r\na=1\r\n", Chunked)),
        Cut("chunk cut in the middle", Post("9\r\na=1", Chunked)),
        Cut("body shorter than its length", Post("a=1", "Content-Length: 9")),
        Cut("head without an end", "GET /form HTTP/1.1\r\nHost: gateway.test\r\n"),

        // More than one request on a connection is legal: each is its own.
        new("pipelined", Get("/one") + Get("/two"), [new("legacy", "GET /one"), new("legacy", "GET /two")]),
        new("pipelined behind a body", Post("a=1", "Content-Length: 3") + Get("/two"),
            [new("legacy", "POST /form", "a=1"), new("legacy", "GET /two")]),
        new("pipelined behind chunks", Post("0\r\n\r\n", Chunked) + Get("/two"), [new("legacy", "POST /form"), new("legacy", "GET /two")]),
        new("pipelined across routes", Get("/one") + Get("/api/calendar/x"),
            [new("legacy", "GET /one"), new("calendar", "GET /api/calendar/x")]),
        Refused("a request in a refused one", Head("GET", "/a/..%2fb") + Smuggled),
    ];
}
