using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ServiceDefaults.Listening;

public static class ListenFault
{
    /// <summary>What was wrong with the addresses to listen on, in words.</summary>
    /// <param name="error">What the host's start threw.</param>
    /// <returns>Null for any other failure.</returns>
    public static string? Describe(Exception error) => error switch
    {
        IOException { InnerException: AddressInUseException } => error.Message,
        // Not this machine's, or not allowed; Kestrel does not say which.
        SocketException => $"{error.Message}: look at the addresses under Kestrel:Endpoints, or in urls.",
        // Another scheme, or no certificate.
        InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } => error.Message,
        _ => null,
    };
}
