using System.Net;
using Gateway.Exchanges;
using Gateway.Wire;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Upstream;

/// <summary>What the gateway reads from a backend's answer, and changes in it, on its way back.</summary>
internal static class UpstreamAnswer
{
    private const int LowestStatus = 100;

    /// <remarks>After the forwarder has copied the head into the client's.</remarks>
    public static void Pass(ResponseTransformContext transform)
    {
        if (transform.ProxyResponse is not { } response)
            return;
        var context = transform.HttpContext;
        var status = (int)response.StatusCode;
        // Three digits are all that the HTTP client asks for.
        if (status < LowestStatus)
            throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The backend answered with the status {status:000}.");
        // The HTTP client takes off the chunks and nothing else, and nobody asked for more: what is left would look like the body itself.
        if (HasForeignCoding(response))
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The backend's transfer coding was not asked for.");
        ReadFields(context, response);

        var headers = response.Headers.NonValidated;
        if (headers.TryGetValues("Connection", out var connection))
            AnswerHead.RemoveNominated(context.Response.Headers, connection.ToString());
        if (AnswerHead.NeverHasABody(status))
        {
            context.Response.Headers.ContentLength = null;
            context.Response.Headers.Remove("Trailer");
            transform.SuppressResponseBody = true;
        }
        else if (!HttpMethods.IsHead(context.Request.Method) && !IsTunnel(response, status))
        {
            response.Content = new PassedOnContent(response.Content, context);
        }
    }

    /// <summary>Only what is not simply chunked is parsed.</summary>
    private static bool HasForeignCoding(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var written)
        && !(written.Count == 1 && written.ToString() == "chunked")
        && response.Headers.TransferEncoding.Any(coding => !"chunked".Equals(coding.Value, StringComparison.OrdinalIgnoreCase));

    /// <summary>What only the service knows about the request (docs/contract.md section 8).</summary>
    private static void ReadFields(HttpContext context, HttpResponseMessage response)
    {
        var fields = context.GetExchange().Fields;
        var headers = response.Headers.NonValidated;
        if (headers.TryGetValues("X-Calendar-Id", out var calendarId))
            fields.CalendarId = calendarId.ToString();
        if (headers.TryGetValues("X-Run-Id", out var runId))
            fields.RunId = runId.ToString();
        if (headers.TryGetValues("X-Channels", out var channels))
            fields.Channel = channels.ToString();
    }

    /// <summary>A WebSocket or the like: the forwarder writes to what it reads from.</summary>
    private static bool IsTunnel(HttpResponseMessage response, int status) =>
        status == StatusCodes.Status101SwitchingProtocols || response.RequestMessage?.Method == HttpMethod.Connect;
}
