using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace ServiceDefaults.Logging;

/// <summary>Lines to a writer of the caller's, one event at a time.</summary>
internal sealed class TextWriterSink(ITextFormatter formatter, TextWriter output) : ILogEventSink
{
    private readonly Lock _oneLineAtATime = new();

    public void Emit(LogEvent logEvent)
    {
        lock (_oneLineAtATime)
            formatter.Format(logEvent, output);
    }
}
