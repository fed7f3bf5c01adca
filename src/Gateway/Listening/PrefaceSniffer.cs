using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Listening;

/// <summary>
/// HTTP/2 in clear, on the port that speaks HTTP/1.1: without TLS there is no ALPN, and Kestrel takes every connection for HTTP/1.1
/// (aspnetcore#56984). A client that knows beforehand begins with the preface, and no HTTP/1.1 request does. Source: RFC 9113 section 3.4.
/// </summary>
/// <param name="firstByte">A connection that says nothing for this long is closed.</param>
/// <param name="preface">From the first byte of what may be a preface to its last.</param>
internal sealed class PrefaceSniffer(TimeSpan firstByte, TimeSpan preface, TimeProvider clock)
{
    // How Kestrel's own TLS by server name tells its HTTP middleware which protocol a connection speaks. It has no public form.
    private static readonly Type? Choice = typeof(KestrelServerOptions).Assembly
        .GetType("Microsoft.AspNetCore.Server.Kestrel.Core.Internal.HttpProtocolsFeature");

    private static readonly object? Http2 = Choice is null ? null : Activator.CreateInstance(Choice, HttpProtocols.Http2);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private enum Beginning
    {
        Other,
        Http2,
        Unknown,
    }

    /// <remarks>Over TLS the bytes are a handshake here, which is no preface.</remarks>
    public void Watch(ListenOptions listener) => listener.Use(next =>
        listener.Protocols.HasFlag(HttpProtocols.Http1 | HttpProtocols.Http2) && Http2 is not null
            ? connection => SniffAsync(connection, next)
            : next);

    private async Task SniffAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (await ReadBeginningAsync(connection) is not { } beginning)
            return;
        if (beginning == Beginning.Http2)
            connection.Features[Choice!] = Http2;
        await next(connection);
    }

    /// <returns>Null for a connection that is over before it began.</returns>
    private async ValueTask<Beginning?> ReadBeginningAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        if (input.TryRead(out var read) && Look(input, read) is { } known)
            return known;
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var patience = new CancellationTokenSource(firstByte, clock);
        // Not the connection's end: a read learns of that by itself, and of the request that came before it.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        try
        {
            while (true)
            {
                read = await input.ReadAsync(either.Token);
                if (Look(input, read) is { } found)
                    return found;
                patience.CancelAfter(preface);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    /// <summary>Takes nothing away: whoever reads next finds all of it.</summary>
    /// <returns>Null while more bytes have to come.</returns>
    private static Beginning? Look(PipeReader input, ReadResult read)
    {
        var beginning = Judge(read.Buffer);
        if (beginning == Beginning.Unknown && read.IsCompleted)
            beginning = Beginning.Other;
        input.AdvanceTo(read.Buffer.Start, beginning == Beginning.Unknown ? read.Buffer.End : read.Buffer.Start);
        return beginning == Beginning.Unknown ? null : beginning;
    }

    private static Beginning Judge(ReadOnlySequence<byte> bytes)
    {
        Span<byte> begun = stackalloc byte[Preface.Length];
        begun = begun[..(int)Math.Min(bytes.Length, begun.Length)];
        bytes.Slice(0, begun.Length).CopyTo(begun);
        if (!Preface.StartsWith(begun))
            return Beginning.Other;
        return begun.Length == Preface.Length ? Beginning.Http2 : Beginning.Unknown;
    }
}
