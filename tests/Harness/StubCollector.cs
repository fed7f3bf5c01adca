using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Harness;

/// <summary>A span as it arrived, ids in lower-case hex; <see cref="ParentId"/> is empty for a root.</summary>
/// <param name="Kind">1 internal, 2 server, 3 client. Source: opentelemetry-proto trace.proto.</param>
/// <param name="Status">0 unset, 1 ok, 2 error.</param>
public sealed record ReceivedSpan(
    string Service, string Source, string TraceId, string SpanId, string ParentId, string Name, int Kind, int Status,
    IReadOnlyDictionary<string, string> Attributes)
{
    public bool IsServer => Kind == 2;

    public bool IsClient => Kind == 3;
}

/// <summary>
/// An OpenTelemetry collector on a real socket: takes traces over OTLP, by gRPC or by HTTP with protobuf, and keeps them. Not WireMock:
/// HTTP/2 and trailers.
/// </summary>
public sealed class StubCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentQueue<string> _tokens = new();
    private readonly HttpProtocols _protocols;
    private readonly WebApplication _app;

    private StubCollector(bool grpc)
    {
        _protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = _protocols));
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    public string Url => _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
        .Addresses.First();

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>Everything that arrived, for a search that no decoder can spoil.</summary>
    public string Bytes => string.Join('\n', _bodies.Select(Encoding.Latin1.GetString));

    /// <summary>What came in the header <c>x-token</c>.</summary>
    public IReadOnlyCollection<string> Tokens => _tokens;

    /// <summary>Batches that arrived, taken or not.</summary>
    public int Batches => _bodies.Count;

    /// <summary>Answers with this status instead of taking spans, unless it is 200.</summary>
    public int Status { get; set; } = 200;

    public static async Task<StubCollector> StartAsync(bool grpc = false)
    {
        var collector = new StubCollector(grpc);
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var grpc = context.Request.Path == "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var bytes = body.ToArray();
        _bodies.Enqueue(bytes);
        _tokens.Enqueue(context.Request.Headers["x-token"].ToString());
        if (Status != 200 || !(grpc || context.Request.Path == "/v1/traces"))
        {
            context.Response.StatusCode = Status != 200 ? Status : 404;
            return;
        }

        // A gRPC message has five bytes before it: a flag and its length.
        foreach (var span in OtlpReader.Spans(grpc ? bytes.AsMemory(5) : bytes))
            _spans.Enqueue(span);
        context.Response.ContentType = grpc ? "application/grpc" : "application/x-protobuf";
        if (grpc)
        {
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}

/// <summary>
/// As much of protobuf as an ExportTraceServiceRequest needs. Field numbers: opentelemetry-proto trace.proto, common.proto.
/// </summary>
internal static class OtlpReader
{
    public static IEnumerable<ReceivedSpan> Spans(ReadOnlyMemory<byte> request)
    {
        foreach (var resourceSpans in Messages(request, 1))
        {
            var service = Messages(resourceSpans, 1).SelectMany(resource => Attributes(resource, 1))
                .FirstOrDefault(pair => pair.Key == "service.name").Value ?? "";
            foreach (var scopeSpans in Messages(resourceSpans, 2))
            {
                var source = Messages(scopeSpans, 1).Select(scope => Text(scope, 1)).FirstOrDefault() ?? "";
                foreach (var span in Messages(scopeSpans, 2))
                    yield return Span(service, source, span);
            }
        }
    }

    private static ReceivedSpan Span(string service, string source, ReadOnlyMemory<byte> span) => new(
        service, source, Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), (int)Number(span, 6),
        Messages(span, 15).Select(status => (int)Number(status, 3)).FirstOrDefault(),
        Attributes(span, 9).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));

    private static IEnumerable<KeyValuePair<string, string>> Attributes(ReadOnlyMemory<byte> message, int field) =>
        Messages(message, field).Select(pair => new KeyValuePair<string, string>(
            Text(pair, 1), Messages(pair, 2).Select(Value).FirstOrDefault() ?? ""));

    private static string Value(ReadOnlyMemory<byte> any) =>
        Fields(any).Select(field => field.Number switch
        {
            1 => Encoding.UTF8.GetString(field.Bytes.Span),
            _ => field.Bytes.IsEmpty ? $"{field.Varint}" : Encoding.UTF8.GetString(field.Bytes.Span),
        }).FirstOrDefault() ?? "";

    private static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => field.Bytes);

    private static string Text(ReadOnlyMemory<byte> message, int number) =>
        Messages(message, number).Select(bytes => Encoding.UTF8.GetString(bytes.Span)).FirstOrDefault() ?? "";

    private static string Hex(ReadOnlyMemory<byte> message, int number) =>
        Messages(message, number).Select(bytes => Convert.ToHexStringLower(bytes.Span)).FirstOrDefault() ?? "";

    private static ulong Number(ReadOnlyMemory<byte> message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => field.Varint).FirstOrDefault();

    private static IEnumerable<(int Number, ulong Varint, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message.Span, ref at);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return (number, Varint(message.Span, ref at), default);
                    break;
                case 1:
                    yield return (number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default);
                    at += 8;
                    break;
                case 5:
                    yield return (number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default);
                    at += 4;
                    break;
                default:
                    var length = (int)Varint(message.Span, ref at);
                    yield return (number, 0, message.Slice(at, length));
                    at += length;
                    break;
            }
        }
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
                return value;
        }
    }
}
