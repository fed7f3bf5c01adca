using CalendarService.Generation.Writers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class WriterOptionsTests
{
    [Fact]
    public async Task Kind_Unset_IsBuiltIn()
    {
        await using var writer = WriterUnderTest.With([]);

        Assert.IsType<BuiltInWriter>(writer.Writer);
    }

    [Fact]
    public async Task Kind_OpenAI_IsTheOther()
    {
        await using var writer = WriterUnderTest.OpenAI("http://127.0.0.1:1/v1");

        Assert.IsType<OpenAIWriter>(writer.Writer);
    }

    [Fact]
    public void Faults_InEveryKey_AreToldAtOnceWithValueAndLegalRange()
    {
        var faults = FaultsOf(new()
        {
            ["Writer:Kind"] = "Gpt",
            ["Writer:BuiltIn:Pace"] = "00:02:00",
            ["Writer:OpenAI:BaseUrl"] = "ftp://ai.example",
            ["Writer:OpenAI:Retries"] = "6",
            ["Writer:OpenAI:RetryDelay"] = "soon",
            ["Writer:OpenAI:CircuitFailures"] = "0",
            ["Writer:OpenAI:CircuitBreak"] = "00:00:00",
        });

        Assert.Equal(
        [
            "Writer:Kind: \"Gpt\", expected BuiltIn or OpenAI",
            "Writer:BuiltIn:Pace: \"00:02:00\", expected from 00:00:00 to 00:01:00",
            "Writer:OpenAI:BaseUrl: \"ftp://ai.example\", expected an absolute http or https address",
            "Writer:OpenAI:Retries: \"6\", expected from 0 to 5",
            "Writer:OpenAI:RetryDelay: \"soon\", expected a duration (d.hh:mm:ss.fff) from 00:00:00 to 00:00:30",
            "Writer:OpenAI:CircuitFailures: \"0\", expected from 1 to 1000",
            "Writer:OpenAI:CircuitBreak: \"00:00:00\", expected from 00:00:00.1000000 to 00:10:00",
        ], faults);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("1")]
    [InlineData("BuiltIn,OpenAI")]
    public void Kind_ThatIsNoName_IsRefused(string kind) =>
        Assert.Contains("expected BuiltIn or OpenAI", Assert.Single(FaultsOf(new() { ["Writer:Kind"] = kind })), StringComparison.Ordinal);

    [Fact]
    public void OpenAI_WithoutModelAndKey_SaysBoth()
    {
        var faults = FaultsOf(new() { ["Writer:Kind"] = "OpenAI" });

        Assert.Equal(["Writer:OpenAI:Model", "Writer:OpenAI:ApiKey"], faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void OpenAI_OnALocalServer_NeedsNoKey() =>
        Assert.Empty(FaultsOf(new()
        {
            ["Writer:Kind"] = "OpenAI", ["Writer:OpenAI:Model"] = "m", ["Writer:OpenAI:BaseUrl"] = "http://localhost:11434/v1",
        }));

    [Fact]
    public void ApiKey_ThatNoHeaderCanCarry_IsRefusedWithoutBeingShown()
    {
        var fault = Assert.Single(FaultsOf(new()
        {
            ["Writer:Kind"] = "OpenAI", ["Writer:OpenAI:Model"] = "m", ["OPENAI_API_KEY"] = "sk-secret\n",
        }));

        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ada:secret@ai.example/v1", "(not shown)")]
    [InlineData("sk-secret", "(not shown)")]
    [InlineData("https:/ada:secret@ai.example", "(not shown)")]
    [InlineData("ai.example:8080/v1", "ai.example:8080/v1")]
    [InlineData("localhost:11434/v1", "localhost:11434/v1")]
    public void BaseUrl_ThatIsNone_IsShownOnlyWhereItCanHoldNoSecret(string address, string shown) =>
        Assert.Equal(
            $"Writer:OpenAI:BaseUrl: \"{shown}\", expected an absolute http or https address",
            Assert.Single(FaultsOf(new() { ["Writer:OpenAI:BaseUrl"] = address })));

    [Fact]
    public void Environment_NamesOfTheProvider_AreFallbacks()
    {
        var fallback = Read(new() { ["OPENAI_API_KEY"] = "from-environment", ["OPENAI_BASE_URL"] = "http://ai.example/v1" });
        var own = Read(new()
        {
            ["OPENAI_API_KEY"] = "from-environment", ["OPENAI_BASE_URL"] = "http://ai.example/v1",
            ["Writer:OpenAI:ApiKey"] = "own", ["Writer:OpenAI:BaseUrl"] = "http://own.example/v1",
        });

        Assert.Equal(("from-environment", "http://ai.example/v1"), (fallback.OpenAI.ApiKey, $"{fallback.OpenAI.BaseUrl}"));
        Assert.Equal(("own", "http://own.example/v1"), (own.OpenAI.ApiKey, $"{own.OpenAI.BaseUrl}"));
    }

    private static WriterOptions Read(Dictionary<string, string?> settings)
    {
        using var services = ServicesOf(settings);
        return services.GetRequiredService<IOptions<WriterOptions>>().Value;
    }

    private static IEnumerable<string> FaultsOf(Dictionary<string, string?> settings)
    {
        using var services = ServicesOf(settings);
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException error)
        {
            return error.Failures;
        }
    }

    private static ServiceProvider ServicesOf(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddWriters()
        .BuildServiceProvider();
}
