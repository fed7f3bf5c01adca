using System.Buffers;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;

namespace ServiceDefaults.Logging;

/// <summary>
/// Lines to a stream, by a thread of its own. After a silence the first line wakes it, and what is logged in the millisecond after goes out
/// with it. While lines keep coming it writes what has come every few milliseconds and nobody wakes it: a busy program pays for a wake-up
/// and a write once for many lines.
/// </summary>
/// <param name="write">Takes whole lines. What it throws costs those lines; the next ones are tried again.</param>
internal sealed class LineSink : ILogEventSink, IDisposable
{
    /// <summary>A completion line is an accounting record and is never dropped: with as many lines unwritten, who logs waits.</summary>
    private const int MostUnwritten = 16_384;

    /// <summary>
    /// Half of what a pipe holds: a reader that keeps up sees whole lines only, even where several programs share the pipe.
    /// </summary>
    private const int LongestWrite = 32 * 1024;

    private const int KeptAtMost = 1024 * 1024;

    /// <summary>After the first line since a silence: most come alone, and are wanted soon.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);

    /// <summary>After a write, and so while lines keep coming: what is lost at most when the process is killed.</summary>
    private static readonly TimeSpan BusyGathering = TimeSpan.FromMilliseconds(4);

    [ThreadStatic]
    private static LineBuffer? _line;

    private readonly JsonLogFormatter _formatter;
    private readonly Action<ReadOnlySpan<byte>> _write;
    private readonly object _gate = new(); // An object and not a Lock, because Monitor.Wait and PulseAll need one.
    private readonly Thread _writer;
    private ArrayBufferWriter<byte> _waiting = new();
    private ArrayBufferWriter<byte> _underWay = new();
    private int _unwritten;
    private bool _waitsForLine;
    private bool _closed;

    public LineSink(JsonLogFormatter formatter, Action<ReadOnlySpan<byte>> write)
    {
        (_formatter, _write) = (formatter, write);
        _writer = new Thread(WriteUntilClosed) { IsBackground = true, Name = "log lines" };
        _writer.Start();
    }

    public void Emit(LogEvent logEvent)
    {
        var line = Begin();
        _formatter.Format(logEvent, line);
        End(line);
    }

    /// <summary>An empty line for the calling thread, to be handed back with <see cref="End"/>.</summary>
    public static LineBuffer Begin()
    {
        // Taken while it is in use: what is formatted may itself log.
        var line = _line ?? new LineBuffer();
        _line = null;
        line.Clear();
        return line;
    }

    public void End(LineBuffer line)
    {
        Add(line.Written);
        _line = line;
    }

    /// <summary>Returns when all lines are written.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        _writer.Join();
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            while (_unwritten == MostUnwritten && !_closed)
                Monitor.Wait(_gate);
            if (_closed)
                return;
            _waiting.Write(line);
            _unwritten++;
            if (!_waitsForLine)
                return;
            _waitsForLine = false;
            Monitor.PulseAll(_gate);
        }
    }

    private void WriteUntilClosed()
    {
        while (Take() is { } lines and > 0)
        {
            Write(_underWay.WrittenSpan);
            Clear(ref _underWay);
            lock (_gate)
            {
                if (_unwritten == MostUnwritten)
                    Monitor.PulseAll(_gate);
                _unwritten -= lines;
            }
        }
    }

    /// <summary>Waits for lines, and takes all there are.</summary>
    /// <returns>How many; none when it is closed.</returns>
    private int Take()
    {
        lock (_gate)
        {
            if (_waiting.WrittenCount < LongestWrite)
                Gather(BusyGathering);
            if (_waiting.WrittenCount == 0)
            {
                WaitForLine();
                Gather(Gathering);
            }

            (_waiting, _underWay) = (_underWay, _waiting);
            return _unwritten;
        }
    }

    private void WaitForLine()
    {
        while (_waiting.WrittenCount == 0 && !_closed)
        {
            _waitsForLine = true;
            Monitor.Wait(_gate);
        }
    }

    private void Gather(TimeSpan time)
    {
        if (!_closed)
            Monitor.Wait(_gate, time);
    }

    private void Write(ReadOnlySpan<byte> lines)
    {
        while (lines.Length > 0)
        {
            var length = lines[..Math.Min(lines.Length, LongestWrite)].LastIndexOf((byte)'\n') + 1;
            if (length == 0)
                length = lines.IndexOf((byte)'\n') + 1;
            try
            {
                _write(lines[..length]);
            }
            catch (Exception fault) // A full disk costs these lines; the program goes on, and so does its log.
            {
                SelfLog.WriteLine("Lines are lost: {0}", fault);
            }

            lines = lines[length..];
        }
    }

    private static void Clear(ref ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > KeptAtMost)
            buffer = new(); // A single burst must not keep its memory for as long as the program runs.
        else
            buffer.ResetWrittenCount();
    }
}
