using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Listening;

/// <summary>
/// Marks connections that came in on the admin listener. The mark is on the connection: a Host header or a port number that a
/// client may forge decides nothing.
/// </summary>
internal sealed class AdminListener
{
    private static readonly AdminListener Mark = new();

    public static bool Accepted(HttpContext context) => context.Features[typeof(AdminListener)] is not null;

    public static bool Accepted(ConnectionContext connection) => connection.Features.Get<AdminListener>() is not null;

    public static void MarkConnections(ListenOptions listener) => listener.Use(next => connection =>
    {
        connection.Features.Set(Mark);
        return next(connection);
    });
}
