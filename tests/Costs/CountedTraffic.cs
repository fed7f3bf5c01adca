using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Costs;

/// <summary>One kind of exchange with the gateway, over one kept connection, one after the other.</summary>
internal abstract class CountedTraffic(CountedGateway gateway, RawOrigin origin) : IDisposable
{
    private const string Common = "Host: calendar.example\r\nUser-Agent: costs/1.0\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n";

    public static readonly IReadOnlyDictionary<string, Func<CountedGateway, CountedTraffic>> Cases =
        new Dictionary<string, Func<CountedGateway, CountedTraffic>>(StringComparer.Ordinal)
        {
            ["get"] = g => new RequestTraffic(g, g.Calendar, "calendar", Get(CountedGateway.Member)),
            ["get-outside"] = g => new RequestTraffic(g, g.Legacy, "legacy", Get(CountedGateway.Outsider)),
            ["get-traced"] = g => new RequestTraffic(
                g, g.Calendar, "calendar",
                Get(CountedGateway.Member, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n")),
            ["post"] = g => new RequestTraffic(g, g.Calendar, "calendar", Post("/api/calendar/spring/entries", new string('x', 2048))),
            ["event"] = g => new EventTraffic(g, g.Calendar, Post("/api/calendar/generate", "{}")),
        };

    protected RawPeer Client { get; } = Connect(gateway.Address);

    protected RawOrigin Origin => origin;

    public long SegmentsToClient => Client.CountSegments();

    public long SegmentsToBackend => origin.Segments;

    /// <param name="pauses">Both sides leave the gateway the time to wait for them, as it does for clients and backends elsewhere.</param>
    public abstract void Exchange(bool pauses);

    /// <summary>Waits until what the last exchange left to do is done.</summary>
    public void Settle()
    {
        for (var i = 0; i < 3; i++)
            Client.Pause();
    }

    public void Dispose()
    {
        Client.Dispose();
        GC.SuppressFinalize(this);
    }

    private static RawPeer Connect(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, address.Port);
        return new(socket);
    }

    private static string Get(string user, string header = "") =>
        $"GET /api/calendar?limit=20 HTTP/1.1\r\n{Common}X-User-Id: {user}\r\n{header}\r\n";

    private static string Post(string path, string body) =>
        $"POST {path} HTTP/1.1\r\n{Common}X-User-Id: {CountedGateway.Member}\r\nContent-Type: application/json\r\n"
        + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}");
}

/// <summary>A request and its answer.</summary>
internal sealed class RequestTraffic(CountedGateway gateway, RawOrigin origin, string servedBy, string request)
    : CountedTraffic(gateway, origin)
{
    private readonly byte[] _request = Encoding.ASCII.GetBytes(request);
    private readonly byte[] _servedBy = Encoding.ASCII.GetBytes($"\r\nX-Served-By: {servedBy}\r\n");

    public override void Exchange(bool pauses)
    {
        Origin.Pauses = pauses;
        if (pauses)
            Client.Pause();
        Client.Send(_request);
        if (!Client.ReceiveMessage() || Client.Received.IndexOf(_servedBy) < 0)
            throw new InvalidOperationException($"Not the answer of {servedBy}: {Encoding.ASCII.GetString(Client.Received)}");
    }
}

/// <summary>An event of a stream that is open all the while.</summary>
internal sealed class EventTraffic : CountedTraffic
{
    private const int FirstSequence = 100_000; // As many digits to the end.

    private readonly byte[] _event = Encoding.ASCII.GetBytes(
        "a3\r\nid: 100000\nevent: entry\ndata: {\"type\":\"entry\",\"entry\":{\"entryId\":\"2099-03-01-1\",\"text\":"
        + "\"What a garden wants in spring, told in the length that most posts have\"}}\n\n\r\n");

    private readonly RawPeer _backend;
    private int _sequence = FirstSequence;

    public EventTraffic(CountedGateway gateway, RawOrigin origin, string request)
        : base(gateway, origin)
    {
        Client.Send(Encoding.ASCII.GetBytes(request));
        Client.ReceiveThrough("\n\n\r\n"u8);
        _backend = origin.Latest;
    }

    public override void Exchange(bool pauses)
    {
        if (pauses)
            Client.Pause();
        (++_sequence).TryFormat(_event.AsSpan("a3\r\nid: ".Length), out _, provider: CultureInfo.InvariantCulture);
        _backend.Send(_event);
        Client.ReceiveThrough("\n\n\r\n"u8);
    }
}
