using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Correlation;
using ServiceDefaults.Logging;

namespace Gateway.Tests.Logs;

/// <summary>
/// What a log line is, byte for byte. Whoever reads the log has built on it: names, order, how a value is written, what is taken out.
/// Over 250 lines: a test for each of these promises over one formatter.
/// Holds docs/contract.md section 8: logs.
/// </summary>
public sealed partial class LogFormatTests
{
    private const string Own = "Test.Logger";

    /// <summary>The keys before a line's own ones when nothing is known.</summary>
    private const string Nothing =
        "\"requestId\":null,\"userId\":null,\"channel\":null,\"calendarId\":null,\"runId\":null,\"status\":null,\"traceId\":null,\"spanId\":null";

    private enum Colour
    {
        Green,
    }

    [Fact]
    public void Line_PlainText_HasTheKeysInOrder() => Written(log => log.LogInformation("All {{well}}"), Line("All {well}"));

    [Theory]
    [InlineData(LogLevel.Trace, "trace")]
    [InlineData(LogLevel.Debug, "debug")]
    [InlineData(LogLevel.Information, "information")]
    [InlineData(LogLevel.Warning, "warning")]
    [InlineData(LogLevel.Error, "error")]
    [InlineData(LogLevel.Critical, "critical")]
    public void Line_EveryLevel_HasItsWord(LogLevel level, string word) =>
        Written(log => log.Log(level, new EventId(7, "Named"), "x"), Line("x").Replace("\"information\"", $"\"{word}\""));

    [Fact]
    public void Line_WhatJsonCannotHold_IsEscaped() => Written(
        log => log.LogInformation("a\t{Text}", "\"quote\" back\\slash \n \r \t \f \b \0 \u001F \u007F / <&>'"),
        Line(
            """a\t\"quote\" back\\slash \n \r \t \f \u0008 \u0000 \u001F \u007F""" + " / <&>'",
            "\"text\":\"" + """\"quote\" back\\slash \n \r \t \f \u0008 \u0000 \u001F \u007F""" + " / <&>'\""));

    [Fact]
    public void Line_EveryScript_IsWrittenAsItIs() => Written(
        log => log.LogInformation("ä {Text} ü", "é € 語 🌱 👩\u200D🚀 \u00A0 \u00AD \u2027 \u202F \u2065"),
        Line("ä é € 語 🌱 👩\u200D🚀 \u00A0 \u00AD \u2027 \u202F \u2065 ü",
            "\"text\":\"é € 語 🌱 👩\u200D🚀 \u00A0 \u00AD \u2027 \u202F \u2065\""));

    /// <summary>In a message, in a value and in a list.</summary>
    [Theory]
    [InlineData('\u007F')] // DEL
    [InlineData('\u0080')] // C1 from here
    [InlineData('\u0085')]
    [InlineData('\u0090')]
    [InlineData('\u009B')] // CSI: what follows is a command
    [InlineData('\u009F')]
    [InlineData('\u061C')] // turns the direction
    [InlineData('\u200E')]
    [InlineData('\u200F')]
    [InlineData('\u2028')] // ends a line
    [InlineData('\u2029')]
    [InlineData('\u202A')] // turns the direction
    [InlineData('\u202E')]
    [InlineData('\u2066')]
    [InlineData('\u2069')]
    [InlineData('\uFEFF')]
    public void Line_WhatATerminalObeys_IsEscapedEverywhere(char character)
    {
        var escape = $"\\u{(int)character:X4}";
        Written(
            log => log.LogInformation("m {Text} {@Items}", $"x{character}y", new[] { $"{character}" }),
            Line($"m x{escape}y [\\\"{escape}\\\"]", $"\"text\":\"x{escape}y\",\"items\":[\"{escape}\"]"));
    }

    [Fact]
    public void Line_HalfACharacter_IsTheReplacementCharacter() => Written(
        log => log.LogInformation("{High}|{Low}|{Cut}", "\uD83C", "\uDF31x", "x\uD83C\n"),
        Line("\uFFFD|\uFFFDx|x\uFFFD\\n", "\"high\":\"\uFFFD\",\"low\":\"\uFFFDx\",\"cut\":\"x\uFFFD\\n\""));

    [Fact]
    public void Line_LongTexts_AreWhole()
    {
        var text = string.Concat(Enumerable.Repeat("ä🌱\"", 20_000));
        Written(log => log.LogInformation("{Text}", text), Line(text.Replace("\"", "\\\""), $"\"text\":\"{text.Replace("\"", "\\\"")}\""));
    }

    [Fact]
    public void Line_Numbers_AreNumbers() => Written(
        log => log.LogInformation(
            "{Int} {Long} {UInt} {ULong} {Short} {UShort} {Byte} {SByte} {Decimal} {Double} {Tenth} {Huge} {Zero} {NaN} {Infinity} {Single} {NaS} {Big}",
            -1, long.MinValue, 3u, ulong.MaxValue, (short)-5, (ushort)6, (byte)7, (sbyte)-8, 9.50m, 10d, 0.1d, 1e300, -0d, double.NaN,
            double.NegativeInfinity, 1.5f, float.NaN, (System.Numerics.BigInteger)12),
        Line(
            "-1 -9223372036854775808 3 18446744073709551615 -5 6 7 -8 9.50 10 0.1 1E+300 -0 NaN -Infinity 1.5 NaN 12",
            """
            "int":-1,"long":-9223372036854775808,"uInt":3,"uLong":18446744073709551615,"short":-5,"uShort":6,"byte":7,"sByte":-8,"decimal":9.50
            """,
            """
            "double":10,"tenth":0.1,"huge":1E+300,"zero":-0,"naN":"NaN","infinity":"-Infinity","single":1.5,"naS":"NaN","big":"12"
            """));

    [Fact]
    public void Line_Times_AreRoundTripTexts() => Written(
        log => log.LogInformation(
            "{Utc} {Local} {Offset} {Span} {Date} {Time}",
            new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), new DateTime(2026, 1, 2),
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
            TimeSpan.FromMilliseconds(90_061_001), new DateOnly(2026, 1, 2), new TimeOnly(3, 4, 5)),
        Line(
            "01/02/2026 03:04:05 01/02/2026 00:00:00 01/02/2026 03:04:05 +02:00 1.01:01:01.0010000 01/02/2026 03:04",
            "\"utc\":\"2026-01-02T03:04:05.6780000Z\",\"local\":\"2026-01-02T00:00:00.0000000\",\"offset\":\"2026-01-02T03:04:05.0000000+02:00\"",
            "\"span\":\"1.01:01:01.0010000\",\"date\":\"2026-01-02\",\"time\":\"03:04:05.0000000\""));

    [Fact]
    public void Line_OtherScalars_KeepTheirType() => Written(
        log => log.LogInformation(
            "{True} {False} {Null} {Char} {Quote} {Enum} {Guid} {Uri} {Version} {Type} {Empty}", true, false, null, 'c', '"', Colour.Green,
            Guid.Parse("0123abcd-0000-7000-8000-000000000001"), new Uri("https://me:pw@h/p?token=x"), new Version(1, 2), typeof(string),
            ""),
        Line(
            "True False null c \\\" Green 0123abcd-0000-7000-8000-000000000001 https://…@h/p?… 1.2 System.String ",
            "\"true\":true,\"false\":false,\"null\":null,\"char\":\"c\",\"quote\":\"\\\"\",\"enum\":\"Green\"",
            "\"guid\":\"0123abcd-0000-7000-8000-000000000001\",\"uri\":\"https://…@h/p?…\",\"version\":\"1.2\",\"type\":\"System.String\",\"empty\":\"\""));

    [Fact]
    public void Line_ListsAndStructures_AreJson() => Written(
        log => log.LogInformation(
            "{Numbers} {Texts} {Map} {@Thing} {$Name}", new[] { 1, 2 }, new List<string?> { "a\"b", null, "http://me:pw@h/?q" },
            new Dictionary<string, int>(StringComparer.Ordinal) { ["k"] = 1 },
            new { Some = "x", Other = (int?)null, Deep = new { At = 1.5 } }, Colour.Green),
        Line(
            "[1, 2] [\\\"a\\\\\\\"b\\\", null, \\\"http://…@h/?…\\\"] [(\\\"k\\\": 1)] { Some: \\\"x\\\", Other: null, Deep: { At: 1.5 } } Green",
            "\"numbers\":[1,2],\"texts\":[\"a\\\"b\",null,\"http://…@h/?…\"],\"map\":{\"k\":1},\"thing\":{\"Some\":\"x\",\"Other\":null,\"Deep\":{\"At\":1.5}},\"name\":\"Green\""));

    [Fact]
    public void Message_FormatsAndWidths_AreApplied() => Written(
        log => log.LogInformation(
            "[{Number:0.00}] [{Hex:X4}] [{Right,6}] [{Left,-6}] [{Long,2}] [{Wide,5:0.0}] [{Day:yyyy-MM-dd}] [{Upper:u}]", 1.5, 255, "ab",
            "ab", "abc", 2,
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "text"),
        Line(
            "[1.50] [00FF] [    ab] [ab    ] [abc] [  2.0] [2026-01-02] [text]",
            "\"number\":1.5,\"hex\":255,\"right\":\"ab\",\"left\":\"ab\",\"long\":\"abc\",\"wide\":2,\"day\":\"2026-01-02T03:04:05.0000000+00:00\",\"upper\":\"text\""));

    [Fact]
    public void Message_HoleWithoutValue_StaysAsWritten() => Written(
        log => Log(log, ("Here", 1), ("{OriginalFormat}", "{Here} {Gone} {Gone,5:x} {@Gone}")),
        Line("1 {Gone} {Gone,5:x} {@Gone}", "\"here\":1"));

    [Fact]
    public void Message_StateWithoutTemplate_IsItsText() => Written(
        log => log.Log(LogLevel.Information, 0, 42, null, (state, _) => $"state {state}"), Line("state 42", "\"state\":\"state 42\""));

    [Fact]
    public void Names_ThatTheLineNeedsItself_AreFields() => Written(
        log => Log(
            log, ("Timestamp", 1), ("level", 2), ("Program", 3), ("LOGGER", 4), ("Message", 5), ("exception", 6),
            ("{OriginalFormat}", "{Message}")),
        Line("5", "\"timestampField\":1,\"levelField\":2,\"programField\":3,\"lOGGERField\":4,\"messageField\":5,\"exceptionField\":6"));

    [Fact]
    public void Names_OfTheHostAndOfCorrelation_AreNotRepeated() => Written(
        log => Log(
            log, ("EventId", 1), ("RequestPath", 2), ("ConnectionId", 3), ("ParentId", 4), ("requestid", 5), ("STATUS", 6), ("traceID", 7),
            ("requestPath", 8), ("{OriginalFormat}", "x")),
        Line("x", "\"requestPath\":8"));

    [Fact]
    public void Names_ThatDifferInCase_AreAllWritten() => Written(
        log => Log(log, ("foo", 1), ("Foo", 2), ("Ärger", 3), ("with space", 4), ("{OriginalFormat}", "{Foo}{foo}")),
        Line("21", "\"foo\":1,\"foo\":2,\"ärger\":3,\"with space\":4"));

    [Fact]
    public void Status_OfAnyType_IsText()
    {
        Written(log => log.LogInformation("{Status}", 200), Line("200").Replace("\"status\":null", "\"status\":\"200\""));
        Written(log => log.LogInformation("{Status}", Colour.Green), Line("Green").Replace("\"status\":null", "\"status\":\"Green\""));
        Written(log => log.LogInformation("{Status}", 1.5), Line("1.5").Replace("\"status\":null", "\"status\":\"1.5\""));
        Written(log => log.LogInformation("{Status}", "a?b"), Line("a?…").Replace("\"status\":null", "\"status\":\"a?b\""));
        Written(log => log.LogInformation("{Status}", (object?)null), Line("null"));
        Written(log => log.LogInformation("{Status}", new[] { 1 }), Line("[1]"));
    }

    [Fact]
    public void Secrets_InUrls_AreTakenOut() => Written(
        log => log.LogInformation(
            new InvalidOperationException("cannot reach postgres://me:s:e@cret@host/db: 'quoted'"),
            "GET {Url} by user@example.org: 'kept'?", "http://h/p?t=s"),
        Line(
            "GET http://h/p?… by user@example.org: 'kept'?",
            "\"url\":\"http://h/p?…\",\"exception\":\"System.InvalidOperationException: cannot reach postgres://…@host/db: '…'\""));

    [Fact]
    public void Secrets_InLinesOfFrameworks_AreTakenOut()
    {
        foreach (var logger in (string[])["Microsoft.AspNetCore.X", "System.Net.Http", "Yarp.Y"])
        {
            Written(
                log => log.LogInformation("Bad: '{Line}' {Headers} {Count}: \"{Quoted}\"", "a: 'b'", new[] { "secret" }, 3, "s"),
                Line("Bad: '…' [\\\"secret\\\"] 3: '…'", "\"line\":\"a: '…'\",\"count\":3,\"quoted\":\"s\"").Replace(Own, logger),
                logger);
        }

        Written(log => log.LogInformation("Bad: 'x'"), Line("Bad: 'x'").Replace(Own, "Microsofty"), "Microsofty");
    }

    [Fact]
    public void Scopes_AreOnTheLine() => Written(
        log =>
        {
            using (log.BeginScope("outer {Depth}", 1))
            using (log.BeginScope(
                new Dictionary<string, object>(StringComparer.Ordinal) { ["Extra"] = "e", ["RequestId"] = "host", ["Depth"] = 2 }))
            using (log.BeginScope("plain"))
                log.LogInformation("x");
        },
        Line("x", "\"extra\":\"e\",\"depth\":2,\"scope\":[\"outer 1\",\"plain\"]"));

    [Fact]
    public void Scopes_WithANameOfTheLine_DoNotReplaceItsValue() => Written(
        log =>
        {
            using (log.BeginScope("outer {Depth} {Status}", 1, "of the scope"))
                log.LogInformation("{Depth} {Status}", 2, "own");
        },
        Line("2 own", "\"depth\":2,\"scope\":[\"outer 1 of the scope\"]").Replace("\"status\":null", "\"status\":\"own\""));

    [Fact]
    public void Correlation_OfTheRequest_IsOnTheLine()
    {
        var fields = new RequestFields { RequestId = "request-1", UserId = "u\"1", Channel = "a,b", CalendarId = "c1", RunId = "r1" };
        Written(
            log =>
            {
                using var scope = fields.Use();
                log.LogInformation("{Channel} of {RequestId} and {UserId}, {RunId}", "mastodon", "not this", null, "own");
            },
            Line("mastodon of request-1 and null, own").Replace(
                "\"requestId\":null,\"userId\":null,\"channel\":null,\"calendarId\":null,\"runId\":null",
                "\"requestId\":\"request-1\",\"userId\":null,\"channel\":\"mastodon\",\"calendarId\":\"c1\",\"runId\":\"own\""));
        Written(
            log =>
            {
                using var scope = fields.Use();
                Log(log, ("{OriginalFormat}", "{UserId} {Channel} {CalendarId} {RunId} {RequestId} {TraceId}"));
            },
            Line("u\\\"1 a,b c1 r1 request-1 {TraceId}").Replace(
                "\"requestId\":null,\"userId\":null,\"channel\":null,\"calendarId\":null,\"runId\":null",
                "\"requestId\":\"request-1\",\"userId\":\"u\\\"1\",\"channel\":\"a,b\",\"calendarId\":\"c1\",\"runId\":\"r1\""));
    }

    [Fact]
    public void Correlation_WithoutARequest_IsNotTheHosts() =>
        Written(log => log.LogInformation("{RequestId} {TraceId} {UserId}", "host", "t", "u"),
            Line("{RequestId} {TraceId} u").Replace("\"userId\":null", "\"userId\":\"u\""));

    [Fact]
    public void Correlation_WhatIsNoName_IsNull()
    {
        var fields = new RequestFields { RequestId = "request-1", UserId = "kept as it is", Channel = "a b",
            CalendarId = new string('c', 201), RunId = "" };
        Written(
            log =>
            {
                using var scope = fields.Use();
                log.LogInformation("x");
            },
            Line("x").Replace("\"requestId\":null,\"userId\":null", "\"requestId\":\"request-1\",\"userId\":\"kept as it is\""));
    }

    [Fact]
    public void Correlation_OfTheTrace_IsOnTheLine()
    {
        using var activity = new Activity("test").SetParentId("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").Start();
        Written(
            log => Log(log, ("{OriginalFormat}", "{TraceId}")),
            Line("4bf92f3577b34da6a3ce929d0e0e4736").Replace(
                "\"traceId\":null,\"spanId\":null",
                $"\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"spanId\":\"{activity.SpanId.ToHexString()}\""));
    }

    private static void Log(ILogger log, params (string Key, object? Value)[] state) => log.Log(
        LogLevel.Information, 0, state.Select(pair => KeyValuePair.Create(pair.Key, pair.Value!)).ToArray(), null, static (_, _) => "");

    private static string Line(string message, params string[] more) =>
        $"{{\"timestamp\":\"T\",\"level\":\"information\",\"program\":\"test\",\"logger\":\"{Own}\",\"message\":\"{message}\","
        + $"{string.Join(',', [Nothing, .. more])}}}\n";

    private static void Written(Action<ILogger> write, string expected, string logger = Own)
    {
        using var bytes = new MemoryStream();
        using (var output = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.AddJsonLogs("test", output);
            builder.Configuration.AddInMemoryCollection([
                new("Logging:LogLevel:Default", "Trace"), new("Logging:LogLevel:Microsoft", "Trace"),
                new("Logging:LogLevel:System", "Trace"),
                new("Logging:LogLevel:Yarp", "Trace"),
            ]);
            using var services = builder.Services.BuildServiceProvider();
            write(services.GetRequiredService<ILoggerFactory>().CreateLogger(logger));
        }

        Assert.Equal(expected, Timestamp().Replace(Encoding.UTF8.GetString(bytes.ToArray()), "\"timestamp\":\"T\"", 1));
    }

    [GeneratedRegex("""(?<=^\{)"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z""" + "\"")]
    private static partial Regex Timestamp();
}
