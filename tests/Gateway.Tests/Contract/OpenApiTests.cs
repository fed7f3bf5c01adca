using Microsoft.AspNetCore.Routing;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Options;

namespace Gateway.Tests.Contract;

/// <summary>The OpenAPI document of the admin listener against its endpoints, and the pages that are written out of a gateway.</summary>
public sealed class OpenApiTests
{
    private const string Path = "/openapi/v1.json";

    [Fact]
    public async Task Document_Endpoints_AreThoseOfTheAdminListenerAndNoOthers()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        var document = ApiDocument.Parse(await gateway.Admin.GetStringAsync(Path));

        var mapped = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<OperationReference>() is not null)
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Select(method => $"{method} {endpoint.RoutePattern.RawText}"));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), document.Operations.Select(o => o.Name).Order(StringComparer.Ordinal));
        // Every answer of the listener that is no 404 is of an endpoint that is documented.
        var promised = ContractPage.ReadTable("9. Admin", "path").Select(row => row[0].Trim('`').Split('?')[0]).Append("GET /");
        Assert.Equal(
            promised.Order(StringComparer.Ordinal),
            document.Operations.Where(o => o.Method != "HEAD").Select(o => o.Name).Append($"GET {Path}").Order(StringComparer.Ordinal));
        Assert.Null(ReferencePage.FindDifference("reference/http-api.md", "the gateway's admin listener", HttpApiPage.Write(document)));
        Assert.Null(SettingsPage.FindDifference(
            "the gateway", SettingsReference.Read(gateway.Services).Select(setting => (setting.Key, setting.Default, setting.Legal))));
    }

    [Fact]
    public async Task Answers_OfTheAdminListener_AreAsDeclared()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await new GatewaySetup(calendar).Flag(GatewaySetup.CalendarFlag, 25).Probing("calendar").StartAsync();
        var document = ApiDocument.Parse(await gateway.Admin.GetStringAsync(Path));
        string[] asked =
        [
            "/", "/console", "/livez", "/readyz", "/metrics", "/status", "/explain", "/explain?path=none", "/explain?path=/&header=none",
            "/explain?path=/anything", "/explain?path=/api/calendar&user=alice&groups=staff,beta", "/explain?path=/api/calendar&method=HEAD",
            "/explain?path=/api/calendar/generate&method=POST&header=X-A:%20b&host=shop.example", "/explain?path=/api/publish&user=bob",
        ];

        foreach (var path in asked)
        {
            using var answer = await gateway.Admin.GetAsync(path);
            var operation = document.Find("GET", path.Split('?')[0])!;
            // What only tells browsers to be careful is of every answer, and of none in particular.
            var headers = answer.Headers.Select(header => header.Key).Where(name =>
                (name.StartsWith("X-", StringComparison.Ordinal) && name != "X-Content-Type-Options") || name == "Location");
            Assert.Empty(document.FindFaults(
                operation, (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.TextAsync(), [.. headers]));
        }

        foreach (var (operation, status, response) in document.Operations.SelectMany(o => o.Responses.Select(r => (o, r.Key, r.Value!))))
        {
            if (response["content"]?["application/json"] is { } media)
                Assert.Empty(document.FindFaults(media["schema"]!, media["example"], $"{operation.Name} {status}"));
        }
    }

    /// <summary>The service's document and the gateway's own are for operators: outside, that path is legacy's as any other.</summary>
    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/openapi/")]
    [InlineData("/OpenAPI/v1.json")]
    [InlineData("/api/calendar/../../openapi/v1.json")]
    [InlineData("/api/calendar/%2e%2e/%2e%2e/openapi/v1.json")]
    [InlineData("/api/publish//../../openapi/v1.json")]
    [InlineData("/api/calendar/..%2f..%2fopenapi/v1.json")]
    public async Task Document_ThroughThePublicListener_IsNeverReached(string target)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        var answer = await RawHttp.SendAsync(
            gateway.PublicAddress, $"GET {target} HTTP/1.1\r\nHost: a\r\nX-User-Id: alice\r\nConnection: close\r\n\r\n");

        Assert.DoesNotContain("\"openapi\"", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(calendar.Requests, request => !request.Target.StartsWith("/api/", StringComparison.Ordinal));
    }
}
