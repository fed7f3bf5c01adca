using Microsoft.Extensions.Logging;

namespace Costs;

/// <summary>Counts the scopes of every category that has any level on, and wants no line.</summary>
internal sealed class ScopeCount : ILoggerProvider, ILogger
{
    private long _opened;

    public long Opened => Volatile.Read(ref _opened);

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => false;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Interlocked.Increment(ref _opened);
        return null;
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
    }

    public void Dispose()
    {
    }
}
