using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harness;

/// <summary>One connection through a <see cref="FaultProxy"/>, and what becomes of the answers on it.</summary>
internal sealed class FaultLink(FaultProxy proxy, Socket gateway, bool http2)
{
    private const int FrameHead = 9;
    private const byte HeadersFrame = 1;
    private static readonly byte[] Garbage = Encoding.Latin1.GetBytes("\0\u0001 this is not HTTP \u00ff\u00fe\r\n: \0 nor this\r\n\r\n");

    private static readonly byte[] Early = Encoding.Latin1.GetBytes(
        "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\ntoo large");

    private readonly Socket _backend = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly List<byte> _frames = [];
    private Fault _fault = Fault.None;
    private int _passed;
    private bool _begun;
    private bool _late;
    private bool _awaitsRequest = true;

    public async Task RunAsync(IPEndPoint backend)
    {
        try
        {
            gateway.NoDelay = true;
            await _backend.ConnectAsync(backend);
            await Task.WhenAll(PumpRequestsAsync(), PumpAnswersAsync());
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // One side cut the connection; the other must learn of it.
        }
        finally
        {
            Close();
        }
    }

    /// <summary>
    /// Ends the connection in order. An HTTP/2 client reads all the time: when it has seen the end it closes too, and then it will not
    /// use the connection again. An HTTP/1.1 client looks before it uses a connection again.
    /// </summary>
    public void End()
    {
        try
        {
            gateway.Shutdown(SocketShutdown.Send);
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            return;
        }

        if (!http2)
            Close();
    }

    public void Close()
    {
        // Not Dispose alone: it would send RST when bytes are waiting unread, and this is the orderly way.
        foreach (var socket in (Socket[])[gateway, _backend])
        {
            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // Then it is.
            }

            socket.Dispose();
        }
    }

    private async Task PumpRequestsAsync()
    {
        var buffer = new byte[16 * 1024];
        while (await gateway.ReceiveAsync(buffer) is var read and > 0)
        {
            if (proxy.Fault.Kind == FaultKind.EarlyAnswer)
            {
                await SendAsync(gateway, Early);
                break;
            }

            Count(buffer.AsSpan(0, read));
            await SendAsync(_backend, buffer.AsMemory(0, read));
        }

        Close(); // The gateway left: the backend has to see it, whatever the answer's state.
    }

    private async Task PumpAnswersAsync()
    {
        var buffer = new byte[16 * 1024];
        while (await _backend.ReceiveAsync(buffer) is var read and > 0)
        {
            _awaitsRequest = true;
            if (http2 ? !await DeliverFramesAsync(buffer.AsMemory(0, read)) : !await DeliverAsync(buffer.AsMemory(0, read), isHead: true))
                return;
        }

        if (_fault.Kind != FaultKind.BlackHole)
            Close();
    }

    /// <summary>Whole frames at a time, so that the head of an answer is where a HEADERS frame begins.</summary>
    private async Task<bool> DeliverFramesAsync(ReadOnlyMemory<byte> part)
    {
        _frames.AddRange(part.Span);
        while (_frames.Count >= FrameHead)
        {
            var head = _frames[..FrameHead].ToArray();
            var length = FrameHead + (BinaryPrimitives.ReadInt32BigEndian(head) >> 8);
            if (_frames.Count < length)
                return true;
            var frame = _frames[..length].ToArray();
            _frames.RemoveRange(0, length);
            if (!await DeliverAsync(frame, isHead: frame[3] == HeadersFrame))
                return false;
        }

        return true;
    }

    /// <summary>False when the fault ended the connection.</summary>
    private async Task<bool> DeliverAsync(ReadOnlyMemory<byte> part, bool isHead)
    {
        if (!ReferenceEquals(_fault, proxy.Fault))
            (_fault, _passed, _begun, _late) = (proxy.Fault, 0, false, false);
        _begun |= isHead || !_fault.AtHead;
        if (_fault.Kind == FaultKind.None || !_begun)
        {
            await SendAsync(gateway, part);
            return true;
        }

        var whole = part[..Math.Min(part.Length, _fault.Skip - _passed)];
        _passed += whole.Length;
        await SendAsync(gateway, whole);
        return part.Length == whole.Length || await StrikeAsync(part[whole.Length..]);
    }

    private async Task<bool> StrikeAsync(ReadOnlyMemory<byte> rest)
    {
        switch (_fault.Kind)
        {
            case FaultKind.BlackHole:
                return true;
            case FaultKind.Delay:
                await Task.Delay(_late ? TimeSpan.Zero : _fault.Pause);
                _late = true;
                await SendAsync(gateway, rest);
                return true;
            case FaultKind.Throttle:
                await SendSlowlyAsync(rest, 64, TimeSpan.FromMilliseconds(2));
                return true;
            case FaultKind.Slice:
                await SendSlowlyAsync(rest, 1, TimeSpan.Zero);
                return true;
            case FaultKind.Reset:
                gateway.LingerState = new LingerOption(enable: true, seconds: 0);
                gateway.Dispose();
                break;
            case FaultKind.Garbage:
                await SendAsync(gateway, Garbage);
                break;
        }

        Close();
        return false;
    }

    private async Task SendSlowlyAsync(ReadOnlyMemory<byte> bytes, int size, TimeSpan pause)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(size, bytes.Length)..])
        {
            await SendAsync(gateway, bytes[..Math.Min(size, bytes.Length)]);
            await Task.Delay(pause);
        }
    }

    private void Count(ReadOnlySpan<byte> request)
    {
        if (http2)
        {
            // A HEADERS frame on its own is how SocketsHttpHandler begins a request; nothing else of ours has type 1 there.
            for (var at = request.StartsWith("PRI *"u8) ? 24 : 0; at + FrameHead <= request.Length;)
            {
                if (request[at + 3] == HeadersFrame)
                    proxy.CountRequest();
                at += FrameHead + (request[at] << 16 | request[at + 1] << 8 | request[at + 2]);
            }
        }
        else if (_awaitsRequest && request.IndexOf(" HTTP/1.1\r\n"u8) > 0)
        {
            _awaitsRequest = false;
            proxy.CountRequest();
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes)..];
    }
}
