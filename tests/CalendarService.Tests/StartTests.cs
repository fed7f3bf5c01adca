using CalendarService.Configuration;

namespace CalendarService.Tests;

public sealed class StartTests
{
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
}
