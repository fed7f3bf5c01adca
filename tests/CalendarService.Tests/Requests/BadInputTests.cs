using System.Net;
using System.Text;
using CalendarService.Storage;
using Dapper;

namespace CalendarService.Tests.Requests;

/// <summary>
/// Every way to ask wrongly gets problem+json with status, code, request id and the field at fault.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class BadInputTests(Databases databases)
{
    private const string Entry = """{"entryId":"a","scheduledAt":"2099-07-01T12:00:00Z","channels":["x"],"text":"t"}""";

    [Theory]
    [InlineData("""{"calendarId":""", "malformed-json", "$")]
    [InlineData("[]", "malformed-json", "$")]
    [InlineData("""{"days":1,"days":2}""", "malformed-json", null)]
    [InlineData("days=\"two\"", "malformed-json", "days")]
    [InlineData("days=2.5", "malformed-json", "days")]
    [InlineData("channels=\"x\"", "malformed-json", "channels")]
    [InlineData("channels=[1]", "malformed-json", "channels[0]")]
    [InlineData("brief={}", "malformed-json", "brief")]
    [InlineData("brief=\"\\ud800\"", "malformed-json", "brief")]
    [InlineData("brief=\"a\\u0000b\"", "validation", "brief")]
    [InlineData("brief=\"  \"", "validation", "brief")]
    [InlineData("brief=null", "validation", "brief")]
    [InlineData("days=100", "validation", "days")]
    [InlineData("days=0", "validation", "days")]
    [InlineData("postsPerDay=6", "validation", "postsPerDay")]
    [InlineData("channels=[]", "validation", "channels")]
    [InlineData("channels=[\"x\",\"x\"]", "validation", "channels")]
    [InlineData("channels=[\"x\",\"icq\"]", "validation", "channels[1]")]
    [InlineData("timezone=\"Mars/Olympus\"", "validation", "timezone")]
    [InlineData("timezone=\"../etc/passwd\"", "validation", "timezone")]
    [InlineData("startDate=\"2026-02-30\"", "validation", "startDate")]
    [InlineData("startDate=\"01.12.2026\"", "validation", "startDate")]
    [InlineData("calendarId=\"a b\"", "validation", "calendarId")]
    [InlineData("calendarId=\"..\"", "validation", "calendarId")]
    [InlineData("timezone=\"europe/berlin\"", "validation", "timezone")]
    [InlineData("timezone=\"right/Europe/Berlin\"", "validation", "timezone")]
    [InlineData("timezone=\"localtime\"", "validation", "timezone")]
    [InlineData("""{"\ud800":1}""", "malformed-json", "$")]
    public async Task Generate_Faulty_NamesTheField(string fault, string code, string? path)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var refused = await service.PostAsync("/api/calendar/generate", Apply(ServiceHarness.Generate, fault));

        AssertProblem(refused, HttpStatusCode.BadRequest, code, path);
        await AssertNothingWrittenAsync(service);
    }

    [Fact]
    public async Task Body_WithAFieldTwice_IsToldSo()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        var refused = await service.PostAsync("/api/calendar/generate", """{"days":1,"days":2}""");

        Assert.Equal("$: an object has a property twice", (string?)refused.Json["detail"]);
    }

    [Theory]
    [InlineData("/api/calendar/generate", "POST")]
    [InlineData("/api/calendar/launch/entries/2099-12-01-1", "PATCH")]
    public async Task Body_InAnotherEncodingThanUtf8_IsRefused(string path, string method)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await service.GenerateAsync();

        using var request = ServiceHarness.Request(new HttpMethod(method), path, null, ("If-Match", "*"));
        request.Content = new ByteArrayContent(Encoding.Latin1.GetBytes("""{"é":1}"""));
        request.Content.Headers.ContentType = new("application/json");
        using var response = await service.Http.SendAsync(request);

        AssertProblem(await Answer.OfAsync(response), HttpStatusCode.BadRequest, "malformed-json", "$");
    }

    // .NET keeps the zones that it has read and finds these whatever their case.
    [Fact]
    public async Task Timezone_InAnotherCase_IsRefusedAlsoAfterTheRightOne()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await service.GenerateAsync();

        var refused = await service.PostAsync("/api/calendar/generate", Apply(ServiceHarness.Generate, "timezone=\"Europe/berlin\""));

        AssertProblem(refused, HttpStatusCode.BadRequest, "validation", "timezone");
    }

    [Theory]
    [InlineData("entries=[{}]", "validation", "entries[0].entryId")]
    [InlineData("entries[entryId]=\".\"", "validation", "entries[0].entryId")]
    [InlineData("entries=[5]", "malformed-json", "entries[0]")]
    [InlineData("entries={}", "malformed-json", "entries")]
    [InlineData("entries=null", "validation", "entries")]
    [InlineData($"entries=[{Entry},{Entry}]", "validation", "entries[1].entryId")]
    [InlineData("entries[scheduledAt]=\"2026-11-21 09:00\"", "validation", "entries[0].scheduledAt")]
    [InlineData("entries[scheduledAt]=\"2026-11-21T09:00:00\"", "validation", "entries[0].scheduledAt")]
    [InlineData("entries[link]=\"javascript:alert(1)\"", "validation", "entries[0].link")]
    [InlineData("entries[link]=\"/relative\"", "validation", "entries[0].link")]
    [InlineData("entries[mediaUrls]=[\"ftp://h/f\"]", "validation", "entries[0].mediaUrls[0]")]
    [InlineData("entries[status]=\"sent\"", "validation", "entries[0].status")]
    [InlineData("entries[timezone]=\"Mars/Olympus\"", "validation", "entries[0].timezone")]
    [InlineData("entries[text]=7", "malformed-json", "entries[0].text")]
    [InlineData("title=\"\"", "validation", "title")]
    [InlineData("calendarId=\"other\"", "validation", "calendarId")]
    public async Task Save_Faulty_NamesTheField(string fault, string code, string path)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        const string body = $$"""{"title":"T","timezone":"UTC","entries":[{{Entry}}]}""";

        var refused = await service.SendAsync(HttpMethod.Put, "/api/calendar/launch", Apply(body, fault), ("If-None-Match", "*"));

        AssertProblem(refused, HttpStatusCode.BadRequest, code, path);
        await AssertNothingWrittenAsync(service);
    }

    [Theory]
    [InlineData("""{"colour":"red"}""", "validation", "colour")]
    [InlineData("""{"version":2}""", "validation", "version")]
    [InlineData("""{"editedFields":[]}""", "validation", "editedFields")]
    [InlineData("""{"entryId":"b"}""", "validation", "entryId")]
    [InlineData("""{"channels":null}""", "validation", "channels")]
    [InlineData("""{"tags":"t"}""", "malformed-json", "tags")]
    public async Task Patch_Faulty_NamesTheField(string body, string code, string path)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await service.GenerateAsync();

        var refused = await service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", body, ("If-Match", "\"1\""));

        AssertProblem(refused, HttpStatusCode.BadRequest, code, path);
        Assert.Equal("\"1\"", (await service.GetAsync("/api/calendar/launch")).ETag);
    }

    [Theory]
    [InlineData("GET", "/api/calendar/nothing", 404, "calendar-not-found")]
    [InlineData("GET", "/api/calendar/%C3%A4", 404, "calendar-not-found")]
    [InlineData("GET", "/api/calendar/a%0D%0Ab", 404, "calendar-not-found")]
    [InlineData("GET", "/api/calendar/nothing/export", 404, "calendar-not-found")]
    [InlineData("GET", "/api/calendar/launch/export?format=xml", 400, "unknown-format")]
    [InlineData("GET", "/api/calendar/runs/nothing/stream", 404, "run-not-found")]
    [InlineData("POST", "/api/calendar/runs/nothing/cancel", 404, "run-not-found")]
    [InlineData("POST", "/api/calendar/launch/diff", 404, "run-not-found", """{"runId":"nothing"}""")]
    [InlineData("POST", "/api/calendar/launch/diff", 400, "validation", "{}")]
    [InlineData("POST", "/api/calendar/launch/apply", 428, "precondition-required", """{"runId":"nothing"}""")]
    [InlineData("PUT", "/api/calendar/launch", 428, "precondition-required", "{}")]
    [InlineData("PUT", "/api/calendar/a%20b", 400, "validation", "{}")]
    [InlineData("PATCH", "/api/calendar/launch/entries/2099-12-01-1", 428, "precondition-required", "{}")]
    [InlineData("DELETE", "/api/calendar/launch", 405, "method-not-allowed")]
    [InlineData("GET", "/api/elsewhere", 404, "not-found")]
    [InlineData("GET", "/api/calendar?limit=201", 400, "validation")]
    [InlineData("GET", "/api/calendar?cursor=xyz!", 400, "validation")]
    [InlineData("GET", "/api/publish/intents?calendarId=nothing", 404, "calendar-not-found")]
    [InlineData("GET", "/api/publish/intents?calendarId=one&calendarId=two", 400, "validation")]
    [InlineData("POST", "/api/publish", 404, "calendar-not-found", """{"calendarId":"nothing"}""")]
    [InlineData("POST", "/api/publish", 404, "run-not-found", """{"calendarId":"launch","runId":"no\nthing"}""")]
    [InlineData("POST", "/api/publish", 400, "validation", """{"calendarId":"launch","entryIds":["nothing"]}""")]
    [InlineData("POST", "/api/publish", 400, "validation", """{"calendarId":"launch","entryIds":[]}""")]
    [InlineData("POST", "/api/publish", 400, "malformed-json", """{"calendarId":"launch","dryRun":"yes"}""")]
    [InlineData("POST", "/api/publish", 422, "live-publish-unavailable", """{"calendarId":"launch","dryRun":false}""")]
    public async Task Request_Faulty_IsAProblem(string method, string path, int status, string code, string? body = null)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await service.GenerateAsync();

        AssertProblem(await service.SendAsync(new HttpMethod(method), path, body), (HttpStatusCode)status, code, null);
    }

    [Fact]
    public async Task Request_OfNobody_Is401AndOfAnotherUserIs404()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        var runId = (string?)(await service.GenerateAsync())[0].Json()["runId"];
        using var nobody = service.ClientOf(null);
        using var other = service.ClientOf("bob");

        foreach (var path in new[] { "/api/calendar/launch", $"/api/calendar/runs/{runId}/stream", "/api/calendar/launch/export" })
        {
            using var unknown = await nobody.GetAsync(new Uri(path, UriKind.Relative));
            AssertProblem(await Answer.OfAsync(unknown), HttpStatusCode.Unauthorized, "user-missing", null);
            using var foreign = await other.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        }
    }

    [Fact]
    public async Task Body_OfAnotherMediaTypeOrTooLarge_IsRefused()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Limits:BodyBytes=2000");

        var text = await service.PostAsync("/api/calendar/generate", ServiceHarness.Generate, ("Content-Type", "text/plain"));
        var large = await service.PostAsync("/api/calendar/generate", new string(' ', 2000) + ServiceHarness.Generate);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/api/calendar/generate")
        {
            Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(new string(' ', 2000) + ServiceHarness.Generate))),
        };
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Content.Headers.ContentType = new("application/json");
        using var response = await service.Http.SendAsync(chunked);

        AssertProblem(text, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type", null);
        AssertProblem(large, HttpStatusCode.RequestEntityTooLarge, "payload-too-large", null);
        AssertProblem(await Answer.OfAsync(response), HttpStatusCode.RequestEntityTooLarge, "payload-too-large", null);
    }

    private static void AssertProblem(Answer answer, HttpStatusCode status, string code, string? path)
    {
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal("application/problem+json", answer.Content.ContentType?.MediaType);
        Assert.Equal(answer.Header("X-Request-Id"), (string?)answer.Json["requestId"]);
        if (path is not null)
            Assert.NotNull(answer.Json["errors"]?[path]);
    }

    private static async Task AssertNothingWrittenAsync(ServiceHarness service)
    {
        await using var connection = await ((Dialect)service.Services.GetService(typeof(Dialect))!).OpenAsync(default);
        foreach (var table in new[] { "calendars", "runs", "entries", "publish_intents", "idempotency_keys" })
            Assert.Equal(0, await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {table}"));
    }

    // "field=json" replaces a field, "entries[field]=json" one of the first entry; anything else is the body itself.
    private static string Apply(string body, string fault)
    {
        if (fault[0] is '{' or '[')
            return fault;
        var node = System.Text.Json.Nodes.JsonNode.Parse(body)!;
        var equals = fault.IndexOf('=', StringComparison.Ordinal);
        var (name, json) = (fault[..equals], fault[(equals + 1)..]);
        var field = $"\"{name}\"";
        if (name.StartsWith("entries[", StringComparison.Ordinal))
        {
            node["entries"]![0]![name[8..^1]] = "@@";
            return node.ToJsonString().Replace("\"@@\"", json, StringComparison.Ordinal);
        }

        node[field.Trim('"')] = "@@";
        return node.ToJsonString().Replace("\"@@\"", json, StringComparison.Ordinal);
    }
}
