using System.Net;
using CalendarService.Admin;
using CalendarService.Storage;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Options;

namespace CalendarService.Tests.Admin;

/// <summary>Holds docs/contract.md section 5: what a rollback would leave behind, told to operators alone.</summary>
public sealed class RollbackReportTests(Databases databases)
{
    private const string Path = "/admin/rollback-report";
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [EveryStore]
    public async Task Report_CountsEveryRow_AndWhoIsActiveTheLatestFirst(string store)
    {
        await using var service = await StartAsync(await databases.NewAsync(store));
        Assert.Equal(
            """{"calendars":0,"entries":0,"manualEdits":0,"runs":0,"intents":0}""",
            (await AskAsync(service)).Json["rows"]!.ToJsonString());
        Assert.Null((string?)(await AskAsync(service)).Json["since"]);
        var began = TimeProvider.System.GetUtcNow();
        await service.GenerateAsync(); // Four entries of ada's.
        using var edit = await service.Http.SendAsync(ServiceHarness.Request(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", """{"text":"by hand"}""", ("If-Match", "\"1\"")));
        edit.EnsureSuccessStatusCode();
        await DeleteOneAsync(service);
        await service.PostAsync("/api/publish", """{"calendarId":"launch","dryRun":true}""");
        await AddAsync(service, "zoë", TimeProvider.System.GetUtcNow().AddMinutes(5));
        await AddAsync(service, "gone", TimeProvider.System.GetUtcNow().AddDays(-3));

        var report = (await AskAsync(service)).Json;
        var one = (await AskAsync(service, "?limit=1")).Json;

        Assert.Equal(
            """{"calendars":3,"entries":3,"manualEdits":2,"runs":1,"intents":6}""", report["rows"]!.ToJsonString());
        Assert.Equal((3, 2), ((int)report["users"]!, (int)report["activeUsers"]!));
        Assert.InRange((DateTimeOffset)report["since"]!, began.AddDays(-4), began.AddDays(-2));
        Assert.Equal(["zoë", "ada"], report["active"]!.AsArray().Select(user => (string?)user!["userId"]));
        Assert.Equal(
            """{"calendars":1,"entries":3,"manualEdits":2,"runs":1,"intents":6}""", report["active"]![1]!["rows"]!.ToJsonString());
        Assert.InRange((DateTimeOffset)report["active"]![1]!["lastActiveAt"]!, began.AddSeconds(-1), began.AddMinutes(1));
        Assert.Equal(("zoë", 1, 2), ((string?)one["active"]![0]!["userId"], one["active"]!.AsArray().Count, (int)one["activeUsers"]!));
    }

    [Fact]
    public async Task Report_WithoutTheKeyOrThroughAGateway_IsRefused()
    {
        await using var service = await StartAsync(await databases.NewAsync("sqlite"));
        foreach (var (authorization, status, code) in ((string?, int, string?)[])[
            (null, 401, "admin-key"), ("Bearer ", 401, "admin-key"), ($"Bearer {Key}0", 401, "admin-key"),
            ($"Bearer {Key[1..]}", 401, "admin-key"), ($"Basic {Key}", 401, "admin-key"), (Key, 401, "admin-key"),
            ($"bearer {Key}", 200, null)])
        {
            var answer = await service.GetAsync(Path, authorization is null ? [] : [("Authorization", authorization)]);
            Assert.Equal((status, code), ((int)answer.Status, answer.Code));
            Assert.Equal(status == 401 ? "Bearer" : null, answer.Headers.WwwAuthenticate.FirstOrDefault()?.Scheme);
        }

        // A gateway says of every request that it has passed there: to a user there is no such path, whoever has the key.
        var user = await service.GetAsync(Path, ("Authorization", $"Bearer {Key}"), ("CDN-Loop", "gateway-1"));
        Assert.Equal((HttpStatusCode.NotFound, "not-found"), (user.Status, user.Code));
        foreach (var limit in (string[])["0", "1001", "ten", "1&limit=2"])
            Assert.Equal("validation", (await AskAsync(service, $"?limit={limit}")).Code);
    }

    [Fact]
    public async Task Report_ServiceWithoutAKey_IsOff()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var answer = await AskAsync(service);

        Assert.Equal((HttpStatusCode.Forbidden, "admin-off"), (answer.Status, answer.Code));
    }

    [Theory]
    [EveryStore]
    public async Task Report_DatabaseTooSlow_IsAnsweredInTime_AndTheDatabaseIsNotAway(string store)
    {
        await using var service = await StartAsync(await databases.NewAsync(store), "Admin:ReadTimeout=00:00:00.050");
        await service.GenerateAsync();
        await SlowDownAsync(service, store);

        var answer = await AskAsync(service);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store-unavailable"), (answer.Status, answer.Code));
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
    }

    [Fact]
    public async Task Report_DatabaseAway_SaysSo()
    {
        await using var service = await StartAsync("Host=127.0.0.1;Port=1;Username=u;Database=d");

        var answer = await AskAsync(service);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "store-unavailable"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("short", null, "Admin:Key: \"(5 bytes)\", expected at least 32 ASCII characters without blanks")]
    [InlineData("0123456789abcdef 123456789abcdef", null, "Admin:Key: \"(32 bytes)\", expected at least 32 ASCII characters without blanks")]
    [InlineData(null, "/no/such/file", "Admin:KeyFile: \"/no/such/file\", expected a file that can be read: ")]
    [InlineData(Key, "/no/such/file", "Admin:KeyFile: \"/no/such/file\", expected only one of Key and KeyFile")]
    public void Key_Faulty_StopsTheStart(string? key, string? file, string expected)
    {
        var faults = new OptionFaults("Admin");
        AdminOptions.Check(new() { Key = key, KeyFile = file }, faults);

        Assert.StartsWith(expected, Assert.Single(faults.All), StringComparison.Ordinal);
    }

    private static Task<ServiceHarness> StartAsync(string database, params string[] settings) =>
        ServiceHarness.StartAsync(database, [$"Admin:Key={Key}", .. settings]);

    private static Task<Answer> AskAsync(ServiceHarness service, string query = "") =>
        service.GetAsync(Path + query, ("Authorization", $"Bearer {Key}"));

    private static async Task DeleteOneAsync(ServiceHarness service)
    {
        var calendar = await service.GetAsync("/api/calendar/launch");
        calendar.Json["entries"]!.AsArray().RemoveAt(3);
        var body = calendar.Json;
        body["entries"]!.AsArray().RemoveAt(3);
        var saved = await service.SendAsync(HttpMethod.Put, "/api/calendar/launch", body.ToJsonString(), ("If-Match", calendar.ETag!));
        Assert.Equal(HttpStatusCode.OK, saved.Status);
    }

    private static Task AddAsync(ServiceHarness service, string user, DateTimeOffset at) =>
        service.Services.GetRequiredService<Database>().WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO calendars (user_id, id, title, timezone, version, latest_run_id, created_at, updated_at)
                VALUES (@user, 'old', 'Old', 'UTC', 1, NULL, @at, @at)
                """,
                new { user, at }, transaction),
            default);

    /// <summary>A table whose rows never end, or take their time.</summary>
    private static Task SlowDownAsync(ServiceHarness service, string store) => service.Services.GetRequiredService<Database>().WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            store == "postgres"
                ? """
                  ALTER TABLE publish_intents RENAME TO quick;
                  CREATE VIEW publish_intents AS SELECT * FROM quick
                  UNION ALL SELECT '', '', '', '', '', '{}', '', '', now() FROM pg_sleep(20);
                  """
                : """
                  ALTER TABLE publish_intents RENAME TO quick;
                  CREATE VIEW publish_intents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
                  SELECT '' AS id, '' AS calendar_id, '' AS run_id, '' AS user_id, '' AS channel, '' AS payload, '' AS status, '' AS error,
                  '' AS created_at FROM n;
                  """,
            transaction: transaction),
        default);
}
