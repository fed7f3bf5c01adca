using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>Errors of real servers: the code, how often it was asked, and words that lead to the cause. Holds docs/contract.md section 6: the stream.</summary>
public sealed class ChatFaultTests
{
    private const string Quota =
        """{"error":{"code":"insufficient_quota","message":"You exceeded your current quota, please check your plan and billing details."}}""";

    private const string Overload = """{"error":{"message":"The engine is currently overloaded","type":"server_error"}}""";

    [Theory]
    [InlineData(429, Quota, "ai-quota", "billing", 1)]
    [InlineData(402, """{"error":{"message":"Insufficient Balance"}}""", "ai-quota", "billing", 1)]
    [InlineData(403, """{"error":{"code":403,"message":"Key limit exceeded: out of credits"}}""", "ai-quota", "billing", 1)]
    [InlineData(429, """[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota"}}]""",
        "ai-rate-limited", "rate-limiting", 3)]
    [InlineData(429, """{"message":"Service tier capacity exceeded for this model.","type":"service_tier_capacity_exceeded"}""",
        "ai-rate-limited", "rate-limiting", 3)]
    [InlineData(400, """{"error":{"code":"context_length_exceeded","message":"This model's maximum context length is 8192 tokens"}}""",
        "ai-too-long", "fewer posts", 1)]
    [InlineData(400, """{"error":{"code":400,"type":"exceed_context_size_error","message":"the request exceeds the available context size"}}""",
        "ai-too-long", "fewer posts", 1)]
    [InlineData(413, "<html>Request Entity Too Large</html>", "ai-rejected", "BaseUrl", 1)]
    [InlineData(413, """{"error":{"message":"Request too large"}}""", "ai-too-long", "fewer posts", 1)]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided"}}""", "ai-auth", "ApiKey", 1)]
    [InlineData(400, """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]""",
        "ai-auth", "ApiKey", 1)]
    [InlineData(403, """{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported"}}""",
        "ai-forbidden", "region", 1)]
    [InlineData(400, """[{"error":{"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}]""",
        "ai-forbidden", "region", 1)]
    [InlineData(403, """{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: model.request"}}""",
        "ai-forbidden", "permissions", 1)]
    [InlineData(403, "<!DOCTYPE html><title>Just a moment...</title>", "ai-forbidden", "in front", 1)]
    [InlineData(403, """{"error":{"message":"Project p does not have access to model m","code":"model_not_found"}}""",
        "ai-rejected", "Model", 1)]
    [InlineData(404, """{"error":{"message":"model 'm' not found, try pulling it first"}}""", "ai-rejected", "Writer:OpenAI:Model", 1)]
    [InlineData(404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}""",
        "ai-rejected", "Writer:OpenAI:Model", 1)]
    [InlineData(404, """{"detail":"Not Found"}""", "ai-rejected", "/v1", 1)]
    [InlineData(404, "<html>nginx</html>", "ai-rejected", "BaseUrl", 1)]
    [InlineData(400, """{"error":{"code":"content_filter","message":"The response was filtered","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""",
        "ai-refused", "refused", 1)]
    [InlineData(503, """{"error":{"message":"Model is loading"}}""", "ai-unavailable", "loading", 3)]
    [InlineData(529, """{"error":{"type":"overloaded_error","message":"Overloaded"}}""", "ai-unavailable", "overloaded", 3)]
    [InlineData(502, "<html>Bad gateway</html>", "ai-unavailable", "in front", 3)]
    [InlineData(501, "{}", "ai-rejected", "501", 1)]
    [InlineData(422, """{"detail":[{"loc":["body","model"],"msg":"field required","input":{"stream":true,"billing":"x"}}]}""",
        "ai-rejected", "422", 1)]
    public async Task Status_WithACause_IsToldByItAndRepeatedOnlyWhereThatHelps(int status, string body, string code, string hint, int calls)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Answers(status, body));

        await AssertFaultAsync(ai, code, hint, calls);
    }

    [Theory]
    [InlineData(Quota, "ai-quota", "billing", 1)]
    [InlineData(Overload, "ai-unavailable", "overloaded", 3)]
    [InlineData("""{"error":{"code":502,"message":"Provider returned error"},"choices":[{"delta":{},"finish_reason":"error"}]}""",
        "ai-unavailable", "502", 3)]
    [InlineData("""{"error":"rate limit exceeded"}""", "ai-rate-limited", "rate-limiting", 3)]
    [InlineData("""{"object":"error","message":"maximum context length is 4096","type":"BadRequestError","code":400}""",
        "ai-too-long", "fewer posts", 1)]
    [InlineData("""{"detail":"Internal failure"}""", "ai-unavailable", "middle of its answer", 3)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":429,"message":"x"}}]}""",
        "ai-rate-limited", "rate-limiting", 3)]
    [InlineData("""{"choices":[],"x_groq":{"error":"over capacity"}}""", "ai-unavailable", "overloaded", 3)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"insufficient_system_resource"}]}""", "ai-unavailable", "middle", 3)]
    public async Task Error_InsideAGoodAnswer_IsToldByItsCause(string json, string code, string hint, int calls)
    {
        await using var asData = await StubAi.StartAsync(AiReply.Nothing().Raw($"data: {json}\n\n"));
        await using var bare = await StubAi.StartAsync(AiReply.Nothing().Raw($"{json}\n"));

        await AssertFaultAsync(asData, code, hint, calls);
        await AssertFaultAsync(bare, code, hint, calls);
    }

    [Fact]
    public async Task Error_UnderItsOwnEventName_IsOne()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Nothing().Raw("event: error\ndata: {\"msg\":\"too many requests\"}\n\n"));

        await AssertFaultAsync(ai, "ai-rate-limited", "rate-limiting", 3);
    }

    [Theory]
    [InlineData("Retry-After-Ms", "150", "in 150 ms")]
    [InlineData("Retry-After", "0.2", "in 200 ms")]
    [InlineData("Retry-After-Ms", "nonsense", "in 10 ms")]
    [InlineData("Retry-After-Ms", "-5", "in 10 ms")]
    [InlineData("Retry-After", "1e300", "in 10 ms")]
    public async Task RetryAfter_InItsForms_IsWaitedFor(string name, string value, string wait)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Answers(429, "{}", (name, value)), AiReply.Posts("1", "2", "3", "4").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);
        Assert.Single(writer.Log.All, line => line.Contains(wait, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RetryAfter_InMilliseconds_WinsOverTheCoarserOne()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Answers(429, "{}", ("Retry-After-Ms", "20"), ("Retry-After", "600")), AiReply.Posts("1", "2", "3", "4").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_ToAnotherServer_IsToldAndNotFollowed(int status)
    {
        await using var other = await StubAi.StartAsync(AiReply.Posts("1", "2", "3", "4").Finishes());
        await using var ai = await StubAi.StartAsync(AiReply.Answers(status, "", ("Location", $"{other.BaseUrl}/chat/completions")));

        await AssertFaultAsync(ai, "ai-rejected", new Uri(other.BaseUrl).Authority, 1);
        Assert.Empty(other.Calls);
    }

    [Fact]
    public async Task Redirect_WithinTheServer_IsFollowedWithKeyAndBrief()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Answers(308, "", ("Location", "/v1/chat/completions?moved")), AiReply.Posts("1", "2", "3", "4").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);
        Assert.Equal([$"Bearer {WriterUnderTest.Key}", $"Bearer {WriterUnderTest.Key}"], ai.Calls.Select(call => call.Authorization));
        Assert.All(ai.Calls, call => Assert.Contains("coffee subscription", call.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redirect_InACircle_Ends()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Answers(307, "", ("Location", "/v1/chat/completions")));

        await AssertFaultAsync(ai, "ai-rejected", "redirects", 4);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"Your organization must be verified to stream this model.","param":"stream"}}""", "\"stream\"")]
    [InlineData(422, """{"detail":[{"loc":["body","stream"],"msg":"Extra inputs are not permitted"}]}""", "\"stream\"")]
    [InlineData(400, """{"error":{"message":"System role not supported"}}""", "\"system\"")]
    [InlineData(400, """{"error":{"message":"Unsupported value: 'messages[0].role' does not support 'system' with this model."}}""", "\"system\"")]
    public async Task Field_ThatAServerRefuses_IsLeftOutFromThenOn(int status, string body, string field)
    {
        var good = AiReply.Posts("1", "2", "3", "4").Finishes();
        await using var ai = await StubAi.StartAsync(AiReply.Answers(status, body), good, good);
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 0);

        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);
        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);

        Assert.Equal([true, false, false], ai.Calls.Select(call => call.Body.Contains(field, StringComparison.Ordinal)));
        Assert.All(ai.Calls, call => Assert.DoesNotContain("stream_options", call.Body, StringComparison.Ordinal));
        Assert.All(ai.Calls, call => Assert.Contains("JSON Lines", call.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fields_AllOfThemRefused_EndTheRunAfterOneTryEach()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Answers(400, """{"error":{"message":"stream of a system role"}}"""));

        await AssertFaultAsync(ai, "ai-rejected", "400", 3);
    }

    private static async Task AssertFaultAsync(StubAi ai, string code, string hint, int calls)
    {
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal(code, error.Code);
        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.Equal(calls, ai.Calls.Count);
    }
}
