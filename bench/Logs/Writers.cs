using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Context;
using Serilog.Core.Enrichers;
using Serilog.Formatting.Json;
using ServiceDefaults.Correlation;
using ServiceDefaults.Logging;

namespace LogsBench;

/// <summary>Writes one kind of line to standard output; when disposed, everything is there.</summary>
internal interface ILineLog : IDisposable
{
    /// <summary>What all lines of the request have.</summary>
    IDisposable Begin(RequestFields fields);

    void WriteLine(RequestFields fields);
}

/// <summary>The service's line for an intent.</summary>
internal abstract class IntentLog : ILineLog
{
    public abstract IDisposable Begin(RequestFields fields);

    public void WriteLine(RequestFields fields) =>
        LogIntent("01990b4e-6f3c-7c59-a9a5-0d3f9e8b7a64", "entry-00017", "mastodon", "dry_run_ok", fields.RunId, null);

    public abstract void Dispose();

    protected abstract void LogIntent(string intentId, string entryId, string channel, string status, string? runId, string? error);
}

/// <summary>What ASP.NET Core puts around every request.</summary>
internal static class HostScope
{
    public static void Begin(Microsoft.Extensions.Logging.ILogger logger)
    {
        logger.BeginScope(new KeyValuePair<string, object>[] { new("ConnectionId", "0HNABCDEFGHIJ") });
        logger.BeginScope(
            new KeyValuePair<string, object>[] { new("RequestId", "0HNABCDEFGHIJ:00000001"), new("RequestPath", "/api/publish") });
    }
}

/// <summary>As both programs do it.</summary>
internal sealed partial class OurLog : IntentLog
{
    private readonly ServiceProvider _services;
    private readonly ILogger<OurLog> _logger;

    public OurLog()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddJsonLogs("bench");
        _services = builder.Services.BuildServiceProvider();
        _logger = _services.GetRequiredService<ILogger<OurLog>>();
    }

    public override IDisposable Begin(RequestFields fields)
    {
        HostScope.Begin(_logger);
        return fields.Use();
    }

    [LoggerMessage(LogLevel.Information, "Intent {IntentId} of {EntryId} on {Channel}: {Status} (run {RunId}, error {Error})")]
    protected override partial void LogIntent(string intentId, string entryId, string channel, string status, string? runId, string? error);

    public override void Dispose() => _services.Dispose();
}

/// <summary>What one gets out of the box: Serilog's own JSON, console sink and asynchronous queue, the fields in its log context.</summary>
internal sealed partial class SerilogLog : IntentLog
{
    private readonly ServiceProvider _services;
    private readonly ILogger<SerilogLog> _logger;

    public SerilogLog()
    {
        // By a delegate: the container disposes what it made.
        _services = new ServiceCollection().AddLogging()
            .AddSingleton<ILoggerProvider>(_ => new Serilog.Extensions.Logging.SerilogLoggerProvider(
                new LoggerConfiguration().Enrich.FromLogContext()
                    .WriteTo.Async(sinks => sinks.Console(new JsonFormatter(renderMessage: true)), bufferSize: 16_384, blockWhenFull: true)
                    .CreateLogger(),
                dispose: true))
            .BuildServiceProvider();
        _logger = _services.GetRequiredService<ILogger<SerilogLog>>();
    }

    public override IDisposable Begin(RequestFields fields)
    {
        HostScope.Begin(_logger);
        return LogContext.Push(
            new PropertyEnricher("RequestId", fields.RequestId), new PropertyEnricher("UserId", fields.UserId),
            new PropertyEnricher("CalendarId", fields.CalendarId), new PropertyEnricher("TraceId", Activity.Current!.TraceId.ToHexString()),
            new PropertyEnricher("SpanId", Activity.Current.SpanId.ToHexString()));
    }

    [LoggerMessage(LogLevel.Information, "Intent {IntentId} of {EntryId} on {Channel}: {Status} (run {RunId}, error {Error})")]
    protected override partial void LogIntent(string intentId, string entryId, string channel, string status, string? runId, string? error);

    public override void Dispose() => _services.Dispose();
}

/// <summary>The floor: one writer, one buffer, one thread, nothing looked up, a write when the buffer is full.</summary>
internal sealed class BareLog : IntentLog
{
    private const int Full = 32 * 1024;

    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * Full);
    private readonly Utf8JsonWriter _json;
    private RequestFields _fields = null!;

    public BareLog() => _json = new(_buffer);

    public override IDisposable Begin(RequestFields fields)
    {
        _fields = fields;
        return fields.Use();
    }

    protected override void LogIntent(string intentId, string entryId, string channel, string status, string? runId, string? error)
    {
        _json.WriteStartObject();
        _json.WriteString("timestamp"u8, TimeProvider.System.GetUtcNow());
        _json.WriteString("level"u8, "information"u8);
        _json.WriteString("program"u8, "bench"u8);
        _json.WriteString("logger"u8, "LogsBench.BareLog"u8);
        _json.WriteString("message"u8, $"Intent {intentId} of {entryId} on {channel}: {status} (run {runId}, error {error})");
        _json.WriteString("requestId"u8, _fields.RequestId);
        _json.WriteString("userId"u8, _fields.UserId);
        _json.WriteString("channel"u8, channel);
        _json.WriteString("calendarId"u8, _fields.CalendarId);
        _json.WriteString("runId"u8, runId);
        _json.WriteString("status"u8, status);
        _json.WriteString("traceId"u8, Activity.Current!.TraceId.ToHexString());
        _json.WriteString("spanId"u8, Activity.Current.SpanId.ToHexString());
        _json.WriteString("intentId"u8, intentId);
        _json.WriteString("entryId"u8, entryId);
        _json.WriteString("error"u8, error);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount > Full)
            Write();
    }

    public override void Dispose()
    {
        Write();
        _json.Dispose();
        _output.Dispose();
    }

    private void Write()
    {
        _output.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
