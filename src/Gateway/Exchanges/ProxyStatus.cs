using System.Net.Sockets;

namespace Gateway.Exchanges;

/// <summary>Values of the <c>Proxy-Status</c> header. Source: RFC 9209 section 2.3.</summary>
internal static class ProxyStatus
{
    public const string Header = "Proxy-Status";
    public const string ProxyInternalResponse = "gateway; error=proxy_internal_response";
    public const string DestinationUnavailable = "gateway; error=destination_unavailable";
    public const string ResponseTimeout = "gateway; error=http_response_timeout";
    public const string LimitReached = "gateway; error=connection_limit_reached";
    public const string RequestError = "gateway; error=http_request_error";
    public const string LoopDetected = "gateway; error=proxy_loop_detected";
    public const string RequestDenied = "gateway; error=http_request_denied";

    public static string Received(int status) => $"gateway; received-status={status}";

    public static string FromError(Exception? error) => error switch
    {
        HttpRequestException { InnerException: TimeoutException } => "gateway; error=connection_timeout",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "gateway; error=dns_error",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "gateway; error=tls_protocol_error",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "gateway; error=connection_refused",
        // Only asked before the answer began. Closed or reset: over HTTP/2 the client may learn of either first.
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "gateway; error=connection_terminated",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError } =>
            "gateway; error=http_protocol_error",
        HttpProtocolException => "gateway; error=http_protocol_error",
        HttpRequestException { InnerException: IOException or SocketException } or IOException =>
            "gateway; error=connection_terminated",
        OperationCanceledException => ResponseTimeout,
        // The forwarder's, when the upload broke too: the last is what became of the answer.
        AggregateException { InnerExceptions: [.., var answer] } => FromError(answer),
        _ => "gateway; error=proxy_internal_error",
    };
}
