using System.Net.Sockets;
using Gateway.Exchanges;

namespace Gateway.Tests.Exchanges;

/// <summary>Holds docs/contract.md section 3: what Proxy-Status says.</summary>
public sealed class ProxyStatusTests
{
    /// <summary>The upload broke at the same moment as the answer's connection.</summary>
    [Fact]
    public void Error_OfUploadAndAnswer_IsTheAnswers()
    {
        var reset = new IOException("reset", new SocketException((int)SocketError.ConnectionReset));
        var both = new AggregateException(new OperationCanceledException(), new HttpRequestException("An error occurred.", reset));

        Assert.Equal("gateway; error=connection_terminated", ProxyStatus.FromError(both));
    }
}
