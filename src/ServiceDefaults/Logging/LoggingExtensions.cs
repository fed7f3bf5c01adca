using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Logging;

public static class LoggingExtensions
{
    /// <summary>
    /// JSON lines on standard output instead of the framework's providers. Levels stay ordinary
    /// <c>Logging:LogLevel</c> configuration.
    /// </summary>
    /// <param name="program">Who wrote a line, for streams that hold several programs' lines.</param>
    /// <param name="output">Where the lines go instead of standard output.</param>
    public static WebApplicationBuilder AddJsonLogs(this WebApplicationBuilder builder, string program, TextWriter? output = null)
    {
        // The framework's own line per request would be a second, field-less completion line.
        builder.AddDefaults(
            ("Logging:LogLevel:Default", "Information"),
            ("Logging:LogLevel:Microsoft", "Warning"),
            ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"),
            // What it calls critical, a dozen lines for one connection, is what any client can do: a flood of pings or resets.
            ("Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Http2", "None"),
            ("Logging:LogLevel:System", "Warning"),
            ("Logging:LogLevel:Yarp", "Warning"));

        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new JsonLogFormatter(program));
        builder.Services.AddSingleton(services => new LineSink(services.GetRequiredService<JsonLogFormatter>(), OpenOutput(output)));
        builder.Services.AddSingleton<ILoggerProvider, LineLoggerProvider>();
        builder.Services.AddHostedService<MalformedRequestLog>();
        return builder;
    }

    private static Action<ReadOnlySpan<byte>> OpenOutput(TextWriter? output)
    {
        if (output is not null)
            return lines => output.Write(Encoding.UTF8.GetString(lines));
        // The stream itself: Console.Out cuts a line into writes of 256 characters.
        var standardOutput = Console.OpenStandardOutput();
        return standardOutput.Write;
    }

    /// <summary>Settings with the lowest precedence: any file, environment variable or argument overrides them.</summary>
    public static WebApplicationBuilder AddDefaults(
        this WebApplicationBuilder builder, params ReadOnlySpan<(string Key, string Value)> defaults)
    {
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in defaults)
            data[key] = value;
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = data });
        return builder;
    }
}
