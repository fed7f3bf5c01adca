using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Wire;

/// <summary>Names, values, lines and the identity that they may try to carry.</summary>
internal static class HeaderCases
{
    public static IReadOnlyList<WireCase> All { get; } =
    [
        ToLegacy("plain", Get("/h"), "GET /h"),
        ToLegacy("91 headers", Get("/h", Many(90)), "GET /h"),
        Refused("101 headers", Get("/h", Many(100)), 431),
        ToLegacy("header of 9 KB", Get("/h", "X-Long: " + new string('a', 9 * 1024)), "GET /h"),
        Refused("headers of 33 KB", Get("/h", [.. Enumerable.Range(0, 11).Select(i => $"X-{i}: {new string('a', 3 * 1024)}")]), 431),
        ToLegacy("UTF-8 in a value", Get("/h", "X-Name: J\u00c3\u00bcrgen"), "GET /h"),
        ToLegacy("invalid UTF-8 in the user id, which is then none", Get("/h", "X-User-Id: \u00ff\u00fe"), "GET /h"),
        ToLegacy("empty value", Get("/h", "X-Empty:"), "GET /h"),
        ToLegacy("tab in a value", Get("/h", "X-A: b\tc"), "GET /h"),

        Refused("bare LF line ends", "GET /h HTTP/1.1\nHost: gateway.test\n\n"),
        Refused("bare LF after the request line", "GET /h HTTP/1.1\nHost: gateway.test\r\n\r\n"),
        Refused("bare LF after a header", "GET /h HTTP/1.1\r\nHost: gateway.test\nX-A: b\r\n\r\n"),
        Refused("bare LF before the end", "GET /h HTTP/1.1\r\nHost: gateway.test\r\n\n"),
        Refused("bare CR in a value", Get("/h", "X-A: b\rX-User-Id: root")),
        Refused("bare CR at a line's end", "GET /h HTTP/1.1\r\nHost: gateway.test\r\r\n\r\n"),
        Refused("folded line with a space", Get("/h", "X-A: b\r\n c")),
        Refused("folded line with a tab", Get("/h", "X-A: b\r\n\tc")),
        Refused("folded first line", "GET /h HTTP/1.1\r\n Host: gateway.test\r\n\r\n"),
        Refused("NUL in a value", Get("/h", "X-A: b\0c")),
        Refused("NUL in a name", Get("/h", "X\0A: b")),
        Refused("control byte in a value", Get("/h", "X-A: b\u0001c")),
        Refused("escape in a value", Get("/h", "X-A: \u001b[31m")),
        Refused("DEL in a value", Get("/h", "X-A: b\u007f")),
        Refused("space in a name", Get("/h", "X A: b")),
        Refused("space before a colon", Get("/h", "X-A : b")),
        Refused("empty name", Get("/h", ": b")),
        Refused("no colon", Get("/h", "X-A")),
        Refused("latin-1 in a name", Get("/h", "X-\u00fc: b")),
        Refused("slash in a name", Get("/h", "X/A: b")),
        Refused("parenthesis in a name", Get("/h", "X(A): b")),

        ToLegacy("request id with odd characters", Get("/h", "X-Request-Id: aaaaaaaa\" or 1=1"), "GET /h"),
        ToLegacy("request id of 129 characters", Get("/h", "X-Request-Id: " + new string('a', 129)), "GET /h"),
        ToLegacy("two request ids", Get("/h", "X-Request-Id: aaaaaaaa", "X-Request-Id: bbbbbbbb"), "GET /h"),
        Refused("request id with CR", Get("/h", "X-Request-Id: aaaaaaaa\rX-Injected: 1")),
        Refused("request id with LF", Get("/h", "X-Request-Id: aaaaaaaa\nX-Injected: 1")),
        Refused("user id with CR", Get("/h", "X-User-Id: alice\rX-Injected: 1")),
        Refused("user id with LF", Get("/h", "X-User-Id: alice\nX-Injected: 1")),
        ToLegacy("two user ids", Get("/h", "X-User-Id: alice", "X-User-Id: root"), "GET /h"),
        ToLegacy("user ids in a list", Get("/h", "X-User-Id: alice, root"), "GET /h"),
        ToLegacy("user id with an underscore", Get("/h", "X_User_Id: root"), "GET /h"),
        ToLegacy("user id in Connection", Get("/h", "Connection: X-User-Id", "X-User-Id: alice"), "GET /h"),
        ToLegacy("everything of ours in Connection", Get("/h", "Connection: X-Request-Id, X-User-Groups, X-Forwarded-For, Host"), "GET /h"),

        Refused("expectation of something else", Get("/h", "Expect: 200-ok"), 417),
        Refused("two expectations", Post("", "Content-Length: 0", "Expect: 100-continue", "Expect: x"), 417),
        ToLegacy("expect 100-continue", Post("a=1", "Content-Length: 3", "Expect: 100-continue"), "POST /form", "a=1"),
        ToLegacy("upgrade to h2c", Get("/h", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
            "GET /h"),
        ToLegacy("upgrade to h2c, not nominated", Get("/h", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"), "GET /h"),
        ToLegacy("upgrade to TLS", Get("/h", "Connection: Upgrade", "Upgrade: TLS/1.0"), "GET /h"),
        ToLegacy("websocket upgrade that the backend declines",
            Get("/h", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: x"), "GET /h"),
    ];

    private static string[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => $"X-{i}: a")];
}
