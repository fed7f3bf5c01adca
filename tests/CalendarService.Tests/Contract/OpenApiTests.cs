using System.Globalization;
using System.Text.Json.Nodes;
using Harness;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Options;

namespace CalendarService.Tests.Contract;

/// <summary>The OpenAPI document against the endpoints, the contract and what the endpoints really answer.</summary>
public sealed class OpenApiTests(Databases databases)
{
    private const string Path = "/openapi/v1.json";

    private const string AdminKey = "0123456789abcdef0123456789abcdef";

    // Of no operation: what no endpoint is asked.
    private static readonly string[] OfNoEndpoint = ["NotFound", "MethodNotAllowed"];

    [Fact]
    public async Task Document_Endpoints_AreThoseThatAreMapped()
    {
        await using var service = await StartAsync();

        var document = await ReadAsync(service);

        var mapped = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}"))
            .Where(name => !name.EndsWith(Path, StringComparison.Ordinal));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), document.Operations.Select(o => o.Name).Order(StringComparer.Ordinal));
        var ids = document.Operations.Select(operation => (string)operation.Json["operationId"]!).ToArray();
        Assert.Equal(ids.Distinct(), ids);
        var head = await service.SendAsync(HttpMethod.Head, Path, null);
        Assert.Equal((200, "application/json"), ((int)head.Status, head.Content.ContentType?.MediaType));
    }

    [Fact]
    public async Task Document_CallsAndProblems_AreThoseOfTheContract()
    {
        await using var service = await StartAsync();

        var document = await ReadAsync(service);

        var calls = ContractPage.ReadTable("5. The calendar API", "call").SelectMany(row => row[0].Split(", ")).Select(call => call.Trim('`'));
        Assert.Equal(
            calls.Order(StringComparer.Ordinal),
            document.Operations.Where(o => o.Method != "HEAD").Select(o => o.Name).Order(StringComparer.Ordinal));
        var promised = ContractPage.ReadTable("Problems of the service", "code")
            .SelectMany(row => row[1].Split(", ").Select(status => $"{status} {row[0].Trim('`')}"));
        var declared = document.Operations.SelectMany(o => o.Problems).Concat(OfNoEndpoint.Select(name =>
        {
            var response = document.Root["components"]!["responses"]![name]!;
            var code = (string)response["content"]!["application/problem+json"]!["schema"]!["allOf"]![1]!["properties"]!["code"]!["enum"]![0]!;
            return (name == "NotFound" ? "404" : "405", code);
        })).Select(problem => $"{problem.Item1} {problem.Item2}");
        Assert.Equal(promised.Order(StringComparer.Ordinal), declared.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_Examples_AreOfTheirSchemasAndOnThePage()
    {
        await using var service = await StartAsync();

        var document = await ReadAsync(service);

        foreach (var operation in document.Operations)
        {
            if (operation.Body is { } body)
                Assert.Empty(document.FindFaults(body["schema"]!, body["example"], operation.Name));
            foreach (var (status, response) in operation.Responses)
            {
                foreach (var (type, media) in response!["content"]?.AsObject() ?? [])
                {
                    if (media!["example"] is { } example)
                        Assert.Empty(document.FindFaults(
                            operation, int.Parse(status, CultureInfo.InvariantCulture), type,
                            example.GetValueKind() == System.Text.Json.JsonValueKind.String ? (string)example! : example.ToJsonString(), []));
                }
            }
        }

        Assert.Null(ReferencePage.FindDifference("reference/http-api.md", "the calendar service", HttpApiPage.Write(document)));
        Assert.Null(SettingsPage.FindDifference(
            "the calendar service", SettingsReference.Read(service.Services).Select(setting => (setting.Key, setting.Default, setting.Legal))));
    }

    /// <summary>A body is read by hand: what it needs, and of which type, is what its schema says.</summary>
    [Fact]
    public async Task Bodies_AreReadAsTheirSchemasSay()
    {
        await using var service = await StartAsync();
        await service.GenerateAsync();
        var document = await ReadAsync(service);

        foreach (var operation in document.Operations.Where(operation => operation.Body is not null))
        {
            var example = operation.Body!["example"]!.AsObject();
            var schema = operation.Body["schema"]!;
            var shape = schema["$ref"] is { } reference
                ? document.Root["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!.AsObject() : schema.AsObject();
            var required = shape["required"]?.AsArray().Select(name => (string)name!).ToHashSet(StringComparer.Ordinal) ?? [];
            var path = operation.Path.Replace("{calendarId}", "launch", StringComparison.Ordinal)
                .Replace("{entryId}", "2099-12-01-1", StringComparison.Ordinal);
            foreach (var name in shape["properties"]!.AsObject().Select(property => property.Key))
            {
                var without = example.DeepClone().AsObject();
                without.Remove(name);
                var answer = await SendAsync(service, operation.Method, path, without);
                var asked = $"{operation.Name} without {name}: {answer.Text}";
                Assert.True(required.Contains(name) == IsOfField(answer, name), asked);

                var wrong = example.DeepClone().AsObject();
                wrong[name] = new JsonObject { ["no"] = "such type" };
                var refused = await SendAsync(service, operation.Method, path, wrong);
                if ((string?)shape["properties"]![name]!["description"] == "ignored")
                {
                    Assert.True((int)refused.Status < 400, $"{operation.Name} with an ignored {name}: {refused.Text}");
                    continue;
                }

                Assert.True(refused.Code == "malformed-json" && IsOfField(refused, name), $"{operation.Name} with a wrong {name}: {refused.Text}");
            }
        }

        static bool IsOfField(Answer answer, string name) => (int)answer.Status == 400
            && answer.Json["errors"]!.AsObject().Any(error => error.Key == name || error.Key.StartsWith(name + "[", StringComparison.Ordinal));
    }

    /// <summary>One calendar's life, every answer of which is held against the document.</summary>
    [Fact]
    public async Task Answers_OfEveryEndpoint_AreAsDeclared()
    {
        await using var service = await StartAsync("Channels:tiktok:AccessToken=", $"Admin:Key={AdminKey}");
        var document = await ReadAsync(service);
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        async Task<Answer> Ask(string method, string path, string? body = null, params (string, string)[] headers)
        {
            var answer = await service.SendAsync(new HttpMethod(method), path, body, headers);
            var operation = document.Find(method, path.Split('?')[0])!;
            var named = answer.Headers.Select(header => header.Key).Concat(answer.Content.Select(header => header.Key))
                .Where(name => name.StartsWith("X-", StringComparison.Ordinal)
                    || name is "ETag" or "Location" or "Retry-After" or "Content-Disposition" or "Accept-Encoding");
            Assert.Empty(document.FindFaults(operation, (int)answer.Status, answer.Content.ContentType?.MediaType, answer.Text, [.. named]));
            seen.Add($"{(int)answer.Status} {operation.Name}");
            return answer;
        }

        foreach (var path in (string[])["/livez", "/readyz", "/metrics", "/api/publish/channels"])
        {
            foreach (var method in (string[])["GET", "HEAD"])
                await Ask(method, path);
        }

        foreach (var method in (string[])["GET", "HEAD"])
        {
            await Ask(method, "/admin/rollback-report");
            await Ask(method, "/admin/rollback-report", null, ("Authorization", $"Bearer {AdminKey}"));
            await Ask(method, "/admin/rollback-report?limit=0", null, ("Authorization", $"Bearer {AdminKey}"));
        }

        string Example(string method, string path) => document.Find(method, path)!.Body!["example"]!.ToJsonString();
        var generate = Example("POST", "/api/calendar/generate");
        var run = (await Ask("POST", "/api/calendar/generate", generate, ("Idempotency-Key", "one"))).Header("X-Run-Id")!;
        await Ask("POST", "/api/calendar/generate", generate.Replace("launch", "other", StringComparison.Ordinal), ("Idempotency-Key", "one"));
        await Ask("POST", "/api/calendar/generate", "{}");
        await Ask("GET", $"/api/calendar/runs/{run}/stream");
        await Ask("GET", $"/api/calendar/runs/{run}/stream", null, ("Last-Event-ID", "100000"));
        await Ask("GET", $"/api/calendar/runs/{run}/stream?lastEventId=none");
        await Ask("GET", "/api/calendar/runs/none/stream");
        await Ask("POST", $"/api/calendar/runs/{run}/cancel");
        await Ask("POST", "/api/calendar/runs/none/cancel");

        foreach (var method in (string[])["GET", "HEAD"])
        {
            await Ask(method, "/api/calendar");
            await Ask(method, "/api/calendar?limit=0");
            var tag = (await Ask(method, "/api/calendar/launch")).ETag!;
            await Ask(method, "/api/calendar/launch", null, ("If-None-Match", tag));
            await Ask(method, "/api/calendar/none");
            await Ask(method, "/api/calendar/launch/export");
            await Ask(method, "/api/calendar/launch/export?format=csv");
            await Ask(method, "/api/calendar/launch/export?profile=buffer");
            await Ask(method, "/api/calendar/launch/export?format=xml");
            await Ask(method, "/api/calendar/none/export");
        }

        var save = Example("PUT", "/api/calendar/made");
        var made = (await Ask("PUT", "/api/calendar/made", save, ("If-None-Match", "*"))).ETag!;
        await Ask("PUT", "/api/calendar/made", save, ("If-Match", made));
        await Ask("PUT", "/api/calendar/made", save, ("If-Match", "\"77\""));
        await Ask("PUT", "/api/calendar/made", save);
        await Ask("PUT", "/api/calendar/none", save, ("If-Match", "*"));
        await Ask("PUT", "/api/calendar/made", "{", ("If-Match", "*"));
        var entries = string.Join(',', Enumerable.Range(0, 101).Select(i => $$"""{"entryId":"e{{i}}","scheduledAt":"2099-12-01T13:00:00Z","channels":["x"],"text":"a"}"""));
        await Ask("PUT", "/api/calendar/many", $$"""{"title":"Many","timezone":"UTC","entries":[{{entries}}]}""", ("If-None-Match", "*"));
        foreach (var method in (string[])["GET", "HEAD"])
            await Ask(method, "/api/calendar/many/export?profile=buffer");
        var entry = (string)(await Ask("GET", "/api/calendar/launch")).Json["entries"]![0]!["entryId"]!;
        await Ask("PATCH", $"/api/calendar/launch/entries/{entry}", Example("PATCH", "/api/calendar/launch/entries/x"), ("If-Match", "*"));
        await Ask("PATCH", $"/api/calendar/launch/entries/{entry}", "{}", ("If-Match", "\"77\""));
        await Ask("PATCH", $"/api/calendar/launch/entries/{entry}", "{}");
        await Ask("PATCH", "/api/calendar/launch/entries/none", "{}", ("If-Match", "*"));
        await Ask("PATCH", $"/api/calendar/launch/entries/{entry}", "[]", ("If-Match", "*"));

        var second = (await Ask("POST", "/api/calendar/generate", generate.Replace("coffee", "tea", StringComparison.Ordinal))).Header("X-Run-Id");
        await Ask("POST", "/api/calendar/launch/diff", $$"""{"runId":"{{second}}"}""");
        await Ask("POST", "/api/calendar/launch/diff", """{"runId":"none"}""");
        await Ask("POST", "/api/calendar/launch/diff", "{}");
        await Ask("POST", "/api/calendar/launch/apply", $$"""{"runId":"{{second}}"}""");
        await Ask("POST", "/api/calendar/launch/apply", $$"""{"runId":"{{second}}"}""", ("If-Match", "\"77\""));
        await Ask("POST", "/api/calendar/launch/apply", $$"""{"runId":"{{second}}","accept":[{"entryId":"{{entry}}","field":"text"}]}""", ("If-Match", "*"));
        await Ask("POST", "/api/calendar/launch/apply", "{}", ("If-Match", "*"));
        await Ask("POST", "/api/calendar/none/apply", $$"""{"runId":"{{second}}"}""", ("If-Match", "*"));

        await Ask("POST", "/api/publish", """{"calendarId":"launch"}""", ("Idempotency-Key", "two"));
        await Ask("POST", "/api/publish", """{"calendarId":"made"}""", ("Idempotency-Key", "two"));
        await Ask("POST", "/api/publish", """{"calendarId":"launch","dryRun":false}""");
        await Ask("POST", "/api/publish", """{"calendarId":"none"}""");
        await Ask("POST", "/api/publish", """{"calendarId":"launch","entryIds":["none"]}""");
        await Ask("PUT", "/api/calendar/video", save.Replace("\"linkedin\"", "\"tiktok\"", StringComparison.Ordinal), ("If-None-Match", "*"));
        await Ask("POST", "/api/publish", """{"calendarId":"video"}""");
        await Ask("PUT", "/api/calendar/long", save.Replace("Open on", new string('x', 300), StringComparison.Ordinal), ("If-None-Match", "*"));
        await Ask("POST", "/api/publish", """{"calendarId":"long"}""");
        foreach (var method in (string[])["GET", "HEAD"])
        {
            await Ask(method, "/api/publish/intents?calendarId=launch");
            await Ask(method, "/api/publish/intents?cursor=none");
            await Ask(method, "/api/publish/intents?calendarId=none");
        }

        foreach (var operation in document.Operations.Where(operation => operation.Body is not null))
            await Ask(operation.Method, PathOf(operation), "<a/>", ("Content-Type", "text/xml"), ("If-Match", "*"));
        service.Http.DefaultRequestHeaders.Remove("X-User-Id");
        foreach (var operation in document.Operations.Where(operation => operation.Path.StartsWith("/api/", StringComparison.Ordinal)))
            await Ask(operation.Method, PathOf(operation));

        // What takes an outage, a stop, a race, patience, a body of megabytes or other settings is shown where those are tested.
        string[] elsewhere = ["202", "403", "408", "409", "413", "500", "503"];
        var declared = document.Operations.SelectMany(o => o.Responses.Select(response => $"{response.Key} {o.Name}"));
        Assert.Equal("", string.Join('\n', declared.Where(answer => !elsewhere.Contains(answer[..3])).Except(seen)));

        static string PathOf(ApiOperation operation) => operation.Path.Replace("{calendarId}", "launch", StringComparison.Ordinal)
            .Replace("{entryId}", "e1", StringComparison.Ordinal).Replace("{runId}", "none", StringComparison.Ordinal);
    }

    private static Task<Answer> SendAsync(ServiceHarness service, string method, string path, JsonObject body) =>
        service.SendAsync(new HttpMethod(method), path, body.ToJsonString(), method == "PUT" || method == "PATCH" || path.EndsWith("/apply", StringComparison.Ordinal)
            ? [("If-Match", "*")] : []);

    private static async Task<ApiDocument> ReadAsync(ServiceHarness service) =>
        ApiDocument.Parse((await service.GetAsync(Path)).Text);

    private async Task<ServiceHarness> StartAsync(params string[] settings) =>
        await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), settings);
}
