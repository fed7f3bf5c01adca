namespace Fuzz;

/// <summary>Values that have broken programs. What holds <see cref="Canary"/> is nothing that a log may show.</summary>
internal static class NastyValues
{
    public const string Canary = "canary-fuzz-7d1e93";

    public static readonly string[] Json =
    [
        "null", "true", "[]", "{}", "\"\"", "\" \"", "0", "-1", "7.0", "7.5", "7e0", "1e400", "-0", "1e99999999999",
        "99999999999999999999999",
        "\"7\"", "\"\\ud83d\"", "\"\\ude00x\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\u202e\\u2028\\u0085\"", "\"=1+1\"",
        "\"\\t=cmd|'/c'!A1\"",
        "[null]", "[[]]", "[1]", "[\"x\",\"x\"]", "[\"icq\"]", "\"2026-02-30\"", "\"9999-12-31\"", "\"0001-01-01\"",
        "\"2026-03-29T02:30:00+01:00\"",
        "\"8999-12-31T23:59:59.999999999+14:00\"", "\"1971-01-01T00:00:00-14:00\"", "\"2026-01-01T24:00:00Z\"", "\"Asia/Calcutta\"",
        "\"UTC+05:00\"",
        "\"../../etc/passwd\"", "\"Europe/Berlin\\n\"", "\"http://[::1\"", "\"https://a b\"", "\"javascript:alert(1)\"",
        "\"http://\\u00e4\\u00f6.example/?a=b#c\"",
        $"\"{Canary} text\"", $"\"{new string('a', 9_000)}\"", $"\"{string.Concat(Enumerable.Repeat("😀", 6_000))}\"",
        "\"\u0939\u093f\u0928\u094d\u0926\u0940 \U00020BB7\u91ce\u5bb6 e\u0301\"", "01", "NaN", "'x'", "\"\\x\"", "\"unclosed",
        "{\"a\":1,\"a\":2}",
    ];

    public static readonly string[] Text =
    [
        "", " ", "x", "-1", "0", "1", "1.5", "200", "201", "9223372036854775807", "9223372036854775808", "99999999999999999999", "*",
        "\"*\"", "\"1\"",
        "W/\"1\"", "\"1-gzip\"", "\"1\", \"2\"", "\"", ",", ";", "=", "%", "%00", "%2F", "%2e%2e", "%ff", "%c3%28", "%F0%9F%98%80",
        "..", "../..", "a,b",
        "true", "null", "json", "csv", "buffer", "hootsuite", "2026-02-30", "0001-01-01", "9999-12-31", "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00 01:00",
        "1970-01-01", "Europe/Berlin", "Nowhere/Atall", "MXww", "MHxh", "LTF8YQ", "NjM4NjA5OTg0MDAwMDAwMDAwfADA", "gzip", "br",
        "identity", "chunked",
        "100-continue", "bytes=0-1", "application/json; charset=utf-16", "text/plain", "multipart/form-data; boundary=x",
        "application/json;",
        "\u00e4\u00f6", "\u00ff", "\t", "'; DROP TABLE entries; --", "{{7*7}}", "${jndi:x}", new string('a', 300), new string('9', 40),
    ];

    public static readonly string[] Headers =
    [
        "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID", "X-User-Id", "X-User-Groups", "X-Request-Id", "Content-Type",
        "Content-Encoding", "Accept", "Accept-Encoding", "Host", "traceparent", "tracestate", "baggage", "Expect", "Range", "Origin",
        "Connection",
        "Transfer-Encoding", "Content-Length", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Upgrade", "TE",
        "Access-Control-Request-Method", "X-HTTP-Method-Override", "Max-Forwards", "Proxy-Connection", "Keep-Alive", "X-Not-Accepted",
    ];

    public static readonly string[] Methods =
    [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "M\u00e4",
    ];

    public static readonly string[] Parameters =
    [
        "cursor", "limit", "format", "profile", "timezone", "from", "to", "channel", "lastEventId", "calendarId", "method", "path",
        "user", "groups",
    ];

    public static readonly string[] Paths =
    [
        "/", "/api/calendar", "/api/calendar/", "/api/calendar/spring", "/api/calendar/generate", "/api/calendar/runs/{run}/stream",
        "/api/calendar/runs/{run}/cancel", "/api/calendar/spring/export", "/api/calendar/spring/diff", "/api/calendar/spring/apply",
        "/api/calendar/spring/entries/a", "/api/publish", "/api/publish/intents", "/api/publish/channels", "/metrics", "/livez",
        "/readyz",
        "/status", "/explain", "/console", "/legacy/page", "/api/calendar/..", "/api//calendar", "/API/CALENDAR", "/api/calendar/%00",
        "/api/calendar/%ff", "/api/calendar/a%2Fb", "/api/calendar/\u00e4", "/api/calendar/spring/entries/%F0%9F%98%80",
        "/%2e%2e/%2e%2e", "*",
        "http://elsewhere.example/api/calendar", "//api/calendar",
    ];
}
