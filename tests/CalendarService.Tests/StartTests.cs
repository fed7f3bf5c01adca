using CalendarService.Configuration;

namespace CalendarService.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData("ftp://127.0.0.1:1")]
    [InlineData("http://203.0.113.7:9")] // RFC 5737: nobody's.
    public async Task Address_ThatCannotBeListenedOn_EndsInWordsAndNotInACrash(string address)
    {
        var exit = await Startup.ReportAsync(async () =>
        {
            var data = Directory.CreateTempSubdirectory("calendar-").FullName;
            await using var app = Program.Build(
                [$"--Kestrel:Endpoints:Public:Url={address}", $"--CALENDAR_DATA_DIR={data}", "--Logging:LogLevel:Default=None"]);
            await app.RunAsync();
        });

        Assert.Equal(1, exit);
    }

    [Fact]
    public void Configuration_WithFaults_IsRefusedWithAllOfThem()
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Program.Build(
        [
            "--ConnectionStrings:Calendar=postgres://ada:hunter22@db:0/x", "--Generation:ItemTimeout=soon", "--Stream:KeepAlive=01:00:00",
            "--Limits:TextLength=0", "--Writer:Kind=Oracle", "--Channels:icq:AccessToken=abcdefgh", "--Store:RetryAfter=0", "--Store:BusyTimeout=0", "--Store:ProbeTimeout=0", "--Store:ProbeInterval=1.00:00:00",
            "--Generation:MaxUnsavedRuns=-1", "--Generation:StopPatience=1.00:00:00", "--Spool:MaxBytes=1", "--Spool:DrainRate=0", "--Spool:KnownEntries=many",
        ]));

        string[] keys =
        [
            "ConnectionStrings:Calendar", "Generation:ItemTimeout", "Stream:KeepAlive", "Limits:TextLength", "Writer:Kind", "icq",
            "Store:RetryAfter", "Store:BusyTimeout", "Store:ProbeTimeout", "Store:ProbeInterval", "Generation:MaxUnsavedRuns", "Generation:StopPatience", "Spool:MaxBytes = 1: legal is 4096", "Spool:DrainRate", "Spool:KnownEntries",
        ];
        Assert.All(keys, key => Assert.Contains(key, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter22", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_ThatNobodyReads_IsNamedAndNoReasonNotToStart()
    {
        var log = new LogLines();
        await using var service = await ServiceHarness.StartAsync("", log, "Generation:Leese=00:00:10", "Stream:KeepAlive=00:00:10");

        var line = Assert.Single(log.All, line => line.Contains("Ignored setting", StringComparison.Ordinal));
        Assert.StartsWith("Warning: Ignored setting Generation:Leese", line, StringComparison.Ordinal);
        Assert.Contains("Lease", line, StringComparison.Ordinal);
    }
}
