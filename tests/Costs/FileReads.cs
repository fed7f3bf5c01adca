using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Costs;

/// <summary>
/// This process's read calls by the kernel's count (<c>syscr</c>): of files, devices and pipes. What comes over a socket is received, and
/// not in it.
/// </summary>
internal sealed class FileReads : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle("/proc/self/io");
    private readonly byte[] _text = new byte[512];
    private long _own;

    /// <returns>How many so far, those of this class apart.</returns>
    public long Read()
    {
        var text = _text.AsSpan(0, RandomAccess.Read(_file, _text, fileOffset: 0));
        var name = "syscr: "u8;
        return Utf8Parser.TryParse(text[(text.IndexOf(name) + name.Length)..], out long calls, out _)
            ? calls - _own++
            : throw new InvalidDataException("/proc/self/io has no syscr.");
    }

    public void Dispose() => _file.Dispose();
}
