using System.Net;
using System.Text;
using CalendarService.Export;
using FsCheck;
using FsCheck.Fluent;
using Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Wire;

namespace CalendarService.Tests.Export;

/// <summary>
/// What a cell is, byte for byte, and what spreadsheets make of it. A little over 250 lines, a third of them the lists of cells.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class CalendarCsvTests
{
    private static readonly ExportRow Plain = new(
        "2026-11-23-1", "cal-1", "run-1", new(2026, 11, 23, 13, 0, 0, TimeSpan.FromHours(1)), "Europe/Berlin", ["x", "linkedin"],
        "scheduled", new Dictionary<string, string> { ["x"] = "dry_run_ok", ["linkedin"] = "failed" }, "Hello, \"world\"\nagain",
        "https://shop.example/", ["https://media.example/1.jpg"], ["launch"], "too long", ["text"], 3);

    [Fact]
    public async Task Export_OfARow_IsThisDocument() =>
        Assert.Equal(
            "entry_id,calendar_id,run_id,scheduled_at,timezone,channels,status,channel_statuses,text,link,media_urls,tags,error,"
            + "edited_fields,version\r\n"
            + "2026-11-23-1,cal-1,run-1,2026-11-23T13:00:00+01:00,Europe/Berlin,x|linkedin,scheduled,linkedin=failed|x=dry_run_ok,"
            + "\"Hello, \"\"world\"\"\nagain\",https://shop.example/,https://media.example/1.jpg,launch,too long,text,3\r\n",
            await WriteAsync(Plain));

    [Fact]
    public async Task Export_WithoutRows_IsTheHeaderOfTheContract()
    {
        var records = CsvText.Parse(await WriteAsync());

        Assert.Equal(ExportColumns.All, Assert.Single(records));
    }

    [Fact]
    public async Task Export_StartsWithTheFirstColumnAndNoByteOrderMark()
    {
        using var output = new MemoryStream();
        await CalendarCsv.WriteAsync(output, Rows(Plain), default);

        Assert.Equal("entry_id,"u8.ToArray(), output.ToArray()[..9]);
    }

    [Fact]
    public async Task Absent_Values_AreEmptyCells()
    {
        var bare = Plain with
        {
            RunId = null, Link = null, Error = null, Channels = [], MediaUrls = [], Tags = [], EditedFields = [],
            ChannelStatuses = new Dictionary<string, string>(), Text = "",
        };

        Assert.Equal(
            ["2026-11-23-1", "cal-1", "", "2026-11-23T13:00:00+01:00", "Europe/Berlin", "", "scheduled", "", "", "", "", "", "", "", "3"],
            CsvText.Parse(await WriteAsync(bare))[1]);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+49 30 1234")]
    [InlineData("-5")]
    [InlineData("@SUM(A1)")]
    [InlineData("\ttab")]
    [InlineData("  =1+1")]
    [InlineData("\u00a0=1+1")]
    [InlineData("\ufeff=1+1")]
    [InlineData("\u200b=1+1")]
    [InlineData("＝1+1")]
    [InlineData("＋1")]
    [InlineData("－1")]
    [InlineData("＠SUM(A1)")]
    [InlineData("=cmd|'/C calc'!A0")]
    [InlineData("'=1+1")]
    public async Task Cell_ThatASpreadsheetWouldRun_IsInertAndQuoted(string text)
    {
        var document = await WriteAsync(Plain with { Text = text });

        Assert.Equal("'" + text, CsvText.Parse(document)[1][8]);
        Assert.Contains($",\"'{text}\",", document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=b")]
    [InlineData("1-2")]
    [InlineData("mail@example")]
    [InlineData("'quoted'")]
    [InlineData("# 1")]
    [InlineData("")]
    public async Task Cell_ThatIsHarmless_IsLeftAlone(string text) =>
        Assert.Equal(text, CsvText.Parse(await WriteAsync(Plain with { Text = text }))[1][8]);

    [Fact]
    public async Task Cell_InEveryTextColumn_IsMadeInert()
    {
        const string Formula = "=1+1";
        var row = new ExportRow(
            Formula, Formula, Formula, Plain.ScheduledAt, Formula, [Formula], Formula,
            new Dictionary<string, string> { [Formula] = "x" }, Formula, Formula, [Formula], [Formula], Formula, [Formula], 1);

        var cells = CsvText.Parse(await WriteAsync(row))[1];

        Assert.All(cells.Where((_, i) => i is not (3 or 14)), c => Assert.StartsWith("'=", c, StringComparison.Ordinal));
    }

    // A semicolon is a separator where the comma is the decimal mark; split there, it would start a live cell.
    [Theory]
    [InlineData("a;=1+1;b", "a;'=1+1;b")]
    [InlineData("a; -2", "a;' -2")]
    [InlineData("a;\"=1+1\"", "a;'\"=1+1\"")]
    [InlineData("\t=1+1", "'\t'=1+1")]
    [InlineData("\r=1+1", "'\r'=1+1")]
    [InlineData("\n=1+1", "'\n'=1+1")]
    [InlineData("a\t@SUM(A1)", "a\t'@SUM(A1)")]
    [InlineData("a|+1", "a|'+1")]
    [InlineData("list:\n- one\n- two", "list:\n'- one\n'- two")]
    [InlineData("a\r\n=1+1", "a\r\n'=1+1")]
    [InlineData("a\u2028=1+1", "a\u2028'=1+1")]
    [InlineData("a;＝1+1", "a;'＝1+1")]
    [InlineData("a;'=1+1", "a;''=1+1")]
    [InlineData("a;b-c", "a;b-c")]
    [InlineData("1, -2", "1, -2")] // Where a comma separates, the quotes count.
    public async Task Cell_WithAnotherSeparatorInIt_IsInertBehindIt(string text, string cell)
    {
        var document = await WriteAsync(Plain with { Text = text });

        Assert.Equal(cell, CsvText.Parse(document)[1][8]);
        Assert.Equal(text, CsvCell.Restore(cell));
    }

    [Fact]
    public async Task List_WithAnItemThatWouldRun_IsInertBehindTheBar()
    {
        var document = await WriteAsync(Plain with { Tags = ["a", "=1+1", "b|=2"] });

        Assert.Equal("a|'=1+1|b\\|'=2", CsvText.Parse(document)[1][11]);
    }

    [Fact]
    public void Document_OfAnyTexts_ReadsBackAsItWas()
    {
        var awkward = Gen.Elements("=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "\"", ",", ";", "|", "\\", "'", " ", "＝", "a", "日",
            "👩‍👩‍👧", "\ufeff", "\0");
        var texts = Gen.OneOf(
            awkward.ListOf().Select(parts => string.Concat(parts)),
            ArbMap.Default.GeneratorFor<string>().Select(s => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s ?? ""))));
        var lists = texts.Where(t => t.Length > 0).ListOf();

        Prop.ForAll(texts.ToArbitrary(), lists.ToArbitrary(), (text, items) =>
        {
            var records = CsvText.Parse(WriteAsync(Plain with { Text = text, Tags = [.. items] }, Plain).GetAwaiter().GetResult());
            Assert.Equal(3, records.Count);
            Assert.All(records, r => Assert.Equal(ExportColumns.All.Count, r.Count));
            Assert.Equal(text, CsvCell.Restore(records[1][8]));
            Assert.Equal(items, Items(CsvCell.Restore(records[1][11])));
            Assert.All(records[1], AssertInert);
            var document = WriteAsync(Plain with { Text = text, Tags = [.. items] }).GetAwaiter().GetResult();
            foreach (var delimiter in ",;\t|")
                Assert.All(CsvText.ParseLeniently(document, delimiter), record => Assert.All(record, AssertInert));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public async Task Rows_AreOnTheirWayBeforeTheLastIsRead()
    {
        var release = new TaskCompletionSource();
        await using var app = Listen(context => CalendarCsv.WriteAsync(context.Response.Body, Trickle(release.Task), default));
        await app.StartAsync();
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler);

        using var response = await client.GetAsync(new Uri(app.Urls.First()), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var header = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10));
        release.SetResult();
        var rest = await reader.ReadToEndAsync();

        Assert.Equal(string.Join(',', ExportColumns.All), header);
        Assert.Equal(1_001, rest.Split("\r\n").Count(l => l.StartsWith("2026-11-23-1,", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Source_FailingBeforeItsFirstRow_LeavesTheResponseUnstarted()
    {
        using var output = new MemoryStream();

        await Assert.ThrowsAsync<IOException>(() => CalendarCsv.WriteAsync(output, Broken(), default));

        Assert.Equal(0, output.Length);
    }

    [Fact]
    public async Task Cancelling_StopsTheExport()
    {
        using var cancel = new CancellationTokenSource();
        using var output = new MemoryStream();

        var writing = CalendarCsv.WriteAsync(output, Trickle(Task.Delay(Timeout.Infinite)), cancel.Token);
        await Eventually.TrueAsync("rows were written", () => output.Length > 0);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    private static async Task<string> WriteAsync(params ExportRow[] rows)
    {
        using var output = new MemoryStream();
        await CalendarCsv.WriteAsync(output, Rows(rows), default);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.ToArray());
    }

    private static async IAsyncEnumerable<ExportRow> Rows(params ExportRow[] rows)
    {
        await Task.CompletedTask;
        foreach (var row in rows)
            yield return row;
    }

    private static async IAsyncEnumerable<ExportRow> Trickle(
        Task release, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
    {
        for (var i = 0; i < 1_000; i++)
            yield return Plain;
        await release.WaitAsync(cancel);
        yield return Plain;
    }

    private static async IAsyncEnumerable<ExportRow> Broken()
    {
        await Task.Yield();
        if (Plain.Version > 0)
            throw new IOException("the store is away");
        yield return Plain;
    }

    private static WebApplication Listen(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(handle);
        return app;
    }


    private static void AssertInert(string cell)
    {
        // A cell of the file's own frame that is split elsewhere is one of ours with what is between them.
        var visible = cell.TrimStart(' ', '\t', '\r', '\n', '\0', '\ufeff', '\u00a0', '"');
        Assert.False(visible.Length > 0 && "=+-@＝＋－＠".Contains(visible[0]), $"would run: {cell}");
    }

    private static List<string> Items(string cell)
    {
        var items = new List<string>();
        var item = new StringBuilder();
        for (var i = 0; i < cell.Length; i++)
        {
            if (cell[i] == '\\')
                item.Append(cell[++i]);
            else if (cell[i] == '|')
            {
                items.Add(item.ToString());
                item.Clear();
            }
            else
                item.Append(cell[i]);
        }

        return cell.Length == 0 ? items : [.. items, item.ToString()];
    }
}
