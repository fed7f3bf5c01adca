using Gateway.Exchanges;
using Gateway.Telemetry;
using Gateway.Traffic;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Gateway.Tests.Traffic;

/// <summary>Holds docs/contract.md section 9: the figures of the last minute on <c>/status</c>.</summary>
public sealed class TrafficTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly GatewayMetrics _metrics = new(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
    private readonly TrafficMinute _minute;

    public TrafficTests() => _minute = new(_metrics, _clock);

    [Fact]
    public void Read_AfterAMinute_HasWhatHappenedInItAndNothingOlder()
    {
        _minute.Remember();
        Count("calendar", 100, 500, milliseconds: 4000);
        Pass(seconds: 60);
        Count("calendar", 118, 200, milliseconds: 3);
        Count("calendar", 2, 503, milliseconds: 90);
        Count("legacy", 10, 200, milliseconds: 20);
        _metrics.FellBack("r", "calendar", "legacy", RouteReason.Failed);
        _metrics.StreamOpened("r", "calendar");
        Pass(seconds: 55);
        _clock.Advance(TimeSpan.FromSeconds(4));

        var figures = _minute.Read();

        Assert.Equal((59, 130, 2), (figures.Seconds, figures.All.Requests, figures.All.Errors));
        var calendar = figures.Backends["calendar"];
        Assert.Equal((120, 2, 1, 1), (calendar.Requests, calendar.Errors, calendar.PassedOver, calendar.StreamsOpen));
        Assert.Equal(Math.Round(120 / 59.0, 2), calendar.RequestsPerSecond);
        // 118 of 120 below 5 ms, so the 99th is in the bucket from 50 to 100 ms.
        Assert.InRange(calendar.P99Seconds!.Value, 0.05, 0.1);
        Assert.InRange(figures.Backends["legacy"].P99Seconds!.Value, 0.01, 0.025);
    }

    [Fact]
    public void Read_AfterAQuietMinute_HasNoFiguresOfBefore()
    {
        _minute.Remember();
        Count("calendar", 100, 500, milliseconds: 4000);
        Pass(seconds: 65);

        var calendar = _minute.Read().Backends["calendar"];

        Assert.Equal((0, 0, 0, (double?)null), (calendar.Requests, calendar.RequestsPerSecond, calendar.Errors, calendar.P99Seconds));
    }

    [Fact]
    public void Read_RightAfterAStart_SaysOfHowLong()
    {
        _minute.Remember();
        Count("a \"quoted\\\" backend=\"x", 4, 200, milliseconds: 1_000_000);
        _clock.Advance(TimeSpan.FromSeconds(2));

        var figures = _minute.Read();

        var backend = Assert.Single(figures.Backends, b => b.Value.Requests > 0);
        Assert.Equal(("a \"quoted\\\" backend=\"x", 4, 2, 2.0, 300), (
            backend.Key, backend.Value.Requests, backend.Value.RequestsPerSecond, figures.Seconds, backend.Value.P99Seconds));
    }

    private void Count(string backend, int times, int status, double milliseconds)
    {
        for (var i = 0; i < times; i++)
            _metrics.RequestCompleted("r", backend, RouteReason.Ungated, status, TimeSpan.FromMilliseconds(milliseconds));
    }

    private void Pass(int seconds)
    {
        for (var passed = 0; passed < seconds; passed += 5)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            _minute.Remember();
        }
    }
}
