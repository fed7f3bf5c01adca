using CalendarService.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CalendarService.Tests;

public sealed class StartTests
{
    [Fact]
    public void Configuration_WithFaults_IsRefusedWithAllOfThem()
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Program.Build(
        [
            "--ConnectionStrings:Calendar=postgres://ada:hunter22@db:0/x", "--Generation:ItemTimeout=soon", "--Stream:KeepAlive=01:00:00",
            "--Limits:TextLength=0", "--Writer:Kind=Oracle", "--Channels:icq:AccessToken=abcdefgh", "--Store:RetryAfter=0", "--Store:BusyTimeout=0",
            "--Spool:MaxBytes=1", "--Spool:DrainRate=0", "--Spool:KnownEntries=many",
        ]));

        string[] keys =
        [
            "ConnectionStrings:Calendar", "Generation:ItemTimeout", "Stream:KeepAlive", "Limits:TextLength", "Writer:Kind", "icq",
            "Store:RetryAfter", "Store:BusyTimeout", "Spool:MaxBytes = 1: legal is 4096", "Spool:DrainRate", "Spool:KnownEntries",
        ];
        Assert.All(keys, key => Assert.Contains(key, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter22", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Limits:TextLength=7", "TextLength")]
    [InlineData("Limits:BriefLength=7", "BriefLength")]
    [InlineData("Limits:EntriesPerCalendar=7", "EntriesPerCalendar")]
    public void Limit_OfTheConfiguration_IsInForce(string setting, string property)
    {
        using var app = (IDisposable)Program.Build(["--" + setting, "--CALENDAR_DATA_DIR=/tmp"]);
        var limits = ((Microsoft.AspNetCore.Builder.WebApplication)app).Services.GetRequiredService<CalendarService.Requests.LimitsOptions>();
        Assert.Equal(7, typeof(CalendarService.Requests.LimitsOptions).GetProperty(property)!.GetValue(limits));
    }
}
