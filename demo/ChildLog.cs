namespace Demo;

/// <summary>What a program of ours says: all of it in a file, the end of it here as well, for a disk that is full.</summary>
internal sealed class ChildLog : IDisposable
{
    private const int Width = 300; // Of a line with a stack trace, its message.

    private readonly Lock _turn = new();
    private readonly Queue<string> _tail = new();
    private StreamWriter? _file;

    /// <exception cref="DemoException">The file cannot be written.</exception>
    public ChildLog(string path)
    {
        Path = path;
        try
        {
            _file = new StreamWriter(path, append: true) { AutoFlush = true };
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new DemoException($"The log {path} cannot be written: {refused.Message}");
        }
    }

    public string Path { get; }

    public void Write(string? line)
    {
        if (line is null)
            return;
        lock (_turn)
        {
            if (_tail.Count == 12)
                _tail.Dequeue();
            _tail.Enqueue(line);
            try
            {
                _file?.WriteLine(line);
            }
            catch (IOException)
            {
                _file = null; // The disk is full: what the programs do matters more than their log.
            }
        }
    }

    public string Tail()
    {
        lock (_turn)
            return string.Join('\n', _tail.Select(line => line.Length > Width ? line[..Width] + "…" : line));
    }

    public void Dispose()
    {
        lock (_turn)
        {
            try
            {
                _file?.Dispose();
            }
            catch (IOException)
            {
                // As above.
            }

            _file = null;
        }
    }
}
