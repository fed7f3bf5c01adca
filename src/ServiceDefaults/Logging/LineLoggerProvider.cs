using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;

namespace ServiceDefaults.Logging;

/// <summary>
/// Serilog behind the framework's loggers, not by <c>AddSerilog</c>, which would pass every level whatever <c>Logging:LogLevel</c> says.
/// The provider keeps the scopes itself: where it is given the host's (<see cref="ISupportExternalScope"/>, hidden here), a scope's value
/// replaces the line's own of the same name, and outer scopes come before inner ones.
/// </summary>
[ProviderAlias("Serilog")]
internal sealed class LineLoggerProvider(LineSink sink) : ILoggerProvider
{
    private readonly SerilogLoggerProvider _serilog = new(
        new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(sink).CreateLogger());

    public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => _serilog.CreateLogger(categoryName);

    public void Dispose() => _serilog.Dispose();
}
