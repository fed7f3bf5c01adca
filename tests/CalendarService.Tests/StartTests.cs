using ServiceDefaults.Options;
using ServiceDefaults.Starting;

namespace CalendarService.Tests;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class StartTests
{
    private const string Duration = "a duration (d.hh:mm:ss.fff)";

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
        var faults = FaultsOf(
            "--ConnectionStrings:Calendar=postgres://ada:hunter22@db:0/x", "--Generation:ItemTimeout=soon", "--Stream:KeepAlive=01:00:00",
            "--Limits:TextLength=0", "--Writer:Kind=Oracle", "--Channels:icq:AccessToken=abcdefgh", "--Store:RetryAfter=0",
            "--Store:BusyTimeout=0", "--Store:ProbeTimeout=0", "--Store:ProbeInterval=1.00:00:00", "--Generation:MaxUnsavedRuns=-1",
            "--Generation:StopPatience=1.00:00:00", "--Spool:MaxBytes=1", "--Spool:DrainRate=0", "--Spool:KnownEntries=many",
            "--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "--OTEL_TRACES_SAMPLER=sometimes");

        string[] keys =
        [
            "ConnectionStrings:Calendar", "Generation:ItemTimeout", "Stream:KeepAlive", "Limits:TextLength", "Writer:Kind", "Channels:icq",
            "Store:RetryAfter", "Store:BusyTimeout", "Store:ProbeTimeout", "Store:ProbeInterval", "Generation:MaxUnsavedRuns",
            "Generation:StopPatience", "Spool:MaxBytes: \"1\", expected from 4096", "Spool:DrainRate", "Spool:KnownEntries",
            "OTEL_TRACES_SAMPLER",
        ];
        Assert.All(keys, key => Assert.Single(faults, fault => fault.StartsWith(key, StringComparison.Ordinal)));
        Assert.Equal(keys.Length, faults.Count);
        Assert.DoesNotContain("hunter22", string.Concat(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Generation:Lease", "soon", $"{Duration} from 00:00:00.3000000 to 01:00:00")]
    [InlineData("Generation:Lease", "00:00:00.2990000", "from 00:00:00.3000000 to 01:00:00")]
    [InlineData("Generation:MaxConcurrentRuns", "1.5", "a whole number from 1 to 100000")]
    [InlineData("Generation:MaxConcurrentRuns", "99999999999", "a whole number from 1 to 100000")]
    [InlineData("Limits:BodyBytes", "1MB", "a whole number from 1024 to 1073741824")]
    [InlineData("Limits:BodyBytes", "", "a whole number from 1024 to 1073741824")]
    [InlineData("Spool:KnownEntries", "all", "a whole number from 0 to 10000000")]
    [InlineData("Writer:Kind", "0", "BuiltIn or OpenAI")]
    [InlineData("Writer:BuiltIn:Pace", "slow", $"{Duration} from 00:00:00 to 00:01:00")]
    [InlineData("Writer:OpenAI:Retries", "few", "a whole number from 0 to 5")]
    public void Value_ThatIsNoneOfItsKey_IsToldWithKeyValueAndRange(string key, string value, string expected) =>
        Assert.Equal([$"{key}: \"{value}\", expected {expected}"], FaultsOf($"--{key}={value}"));

    [Fact]
    public void Connection_ThatIsNone_IsToldWithWhatIsLegalAndNotShown()
    {
        var fault = Assert.Single(FaultsOf("--ConnectionStrings:Calendar=mysql://ada:hunter22@db/x"));

        Assert.StartsWith("ConnectionStrings:Calendar: \"(hidden)\", expected a postgres:// or postgresql:// URL, ", fault);
        Assert.DoesNotContain("hunter22", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_ThatNobodyReads_IsNamedAndNoReasonNotToStart()
    {
        var log = new LogLines();
        // An argument would be refused: whoever types it is there to be told.
        Environment.SetEnvironmentVariable("Generation__Leese", "00:00:10");
        await using var service = await ServiceHarness.StartAsync("", log, "Stream:KeepAlive=00:00:10");
        Environment.SetEnvironmentVariable("Generation__Leese", null);

        var line = Assert.Single(log.All, line => line.Contains("Ignored setting", StringComparison.Ordinal));
        Assert.StartsWith("Warning: Ignored setting Generation:Leese", line, StringComparison.Ordinal);
        Assert.Contains("Lease", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_OfOneSectionInTwoRoomsAndOfSectionsWithin_AreAllKnown()
    {
        var log = new LogLines();
        Environment.SetEnvironmentVariable("Writer__OpenAI__Retrys", "3");
        await using var service = await ServiceHarness.StartAsync(
            "", log, "Spool:KnownEntries=10", "Spool:DrainRate=10", "Writer:BuiltIn:Pace=00:00:00");
        Environment.SetEnvironmentVariable("Writer__OpenAI__Retrys", null);

        var line = Assert.Single(log.All, line => line.Contains("Ignored setting", StringComparison.Ordinal));
        Assert.StartsWith("Warning: Ignored setting Writer:OpenAI:Retrys", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check", "\"check\" is no setting")]
    [InlineData("--verison", "did you mean \"--version\"?")]
    [InlineData("--Generation:Leese=00:00:10", "did you mean \"Generation:Lease\"?")]
    [InlineData("--ConnectionString:Calendar=postgres://ada:hunter22@db/x", "did you mean \"ConnectionStrings:Calendar\"?")]
    [InlineData("OPENAI_API_KYE=hunter22", "did you mean \"OPENAI_API_KEY\"?")]
    public void Argument_ThatSetsNothing_IsRefused(string argument, string said)
    {
        var refused = Assert.Throws<WrongUsageException>(() => Program.Build([argument]));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> FaultsOf(params string[] settings) =>
        Assert.ThrowsAny<Exception>(() => Program.Build(settings)).FindOptionFaults()!;
}
