using System.Net;

namespace Gateway.Tests;

/// <summary>A request's body that a test writes while it is being sent.</summary>
internal sealed class LiveContent(Func<Stream, Task> write, long? length = null) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

    protected override bool TryComputeLength(out long declared)
    {
        declared = length ?? 0;
        return length is not null;
    }
}
