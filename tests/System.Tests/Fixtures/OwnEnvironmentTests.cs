using System.Collections;

namespace SystemTests.Fixtures;

/// <summary>What is exported in the shell that starts tests, drill or demo is nobody's business here.</summary>
public sealed class OwnEnvironmentTests
{
    /// <summary>As an operator may have them exported: each would reach something real, or make a program behave otherwise.</summary>
    internal static readonly string[] Exported =
    [
        "ConnectionStrings__Calendar=postgresql://operator:secret@192.0.2.1:5432/calendar", "CALENDAR_DATA_DIR=/nonexistent/operator",
        "OPENAI_API_KEY=sk-operator", "Writer__Kind=OpenAI", "Writer__OpenAI__BaseUrl=http://192.0.2.1/v1", "Writer__OpenAI__Model=paid",
        "Writer__OpenAI__ApiKey=sk-operator", "GATEWAY_CONFIG_DIR=/nonexistent/operator", "CALENDAR_SERVICE_ENABLED=false",
        "PUBLISH_SERVICE_ENABLED=false", "Kestrel__Endpoints__Public__Url=http://192.0.2.1:1",
        "Kestrel__Endpoints__Http__Url=http://192.0.2.1:1",
        "ASPNETCORE_URLS=http://192.0.2.1:1", "ASPNETCORE_ENVIRONMENT=Staging", "DOTNET_ENVIRONMENT=Staging",
        "DOTNET_ConnectionStrings__Calendar=Host=192.0.2.1",
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://192.0.2.1:4318", "http_proxy=http://192.0.2.1:3128",
        "HTTPS_PROXY=http://192.0.2.1:3128", "ALL_PROXY=http://192.0.2.1:3128", "PGHOST=192.0.2.1", "PGPASSWORD=secret",
        "SMOKE_TOKEN=secret",
        "DATABASE_URL=postgresql://operator:secret@192.0.2.1/calendar", "Channels__linkedin__AccessToken=real",
        "Logging__LogLevel__Default=None",
    ];

    /// <summary>Fails in a process that has something of its shell left; the next test starts one that was given all of the above.</summary>
    [Fact]
    public void ThisProcess_HasOnlyWhatAProgramNeedsToRun()
    {
        Assert.All(
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => (string)variable.Key),
            name => Assert.True(name == "GATEWAY_CONFIG_DIR" || OwnEnvironment.Keeps(name), name));
        Assert.False(Directory.Exists(Environment.GetEnvironmentVariable("GATEWAY_CONFIG_DIR")));
    }

    [Fact]
    public async Task Tests_StartedWithEverythingExported_SeeNothingOfIt()
    {
        await using var tests = ProgramProcess.Start(
            "env",
            [.. Exported, "dotnet", Path.Combine(AppContext.BaseDirectory, "System.Tests.dll"), "-method",
                $"{typeof(OwnEnvironmentTests).FullName}.{nameof(ThisProcess_HasOnlyWhatAProgramNeedsToRun)}"]);

        var code = await tests.ExitAsync();

        Assert.True(code == 0, string.Join('\n', tests.Output) + tests.Errors);
        Assert.Contains(tests.Output, line => line.Contains("Total: 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Exported_IsNotKept_AndWhatRunsAProgramIs()
    {
        Assert.All(Exported, variable => Assert.False(OwnEnvironment.Keeps(variable.Split('=')[0]), variable));
        Assert.All((string[])["PATH", "HOME", "LC_ALL", "DOTNET_ROOT", "NUGET_PACKAGES"], name => Assert.True(OwnEnvironment.Keeps(name)));
        Assert.All((string[])["", "path", "PATH2", "NUGET", "Foo"], name => Assert.False(OwnEnvironment.Keeps(name)));
    }
}
