using Gateway.Configuration;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Routing;

/// <summary>
/// An entry of a route's <c>Transforms</c>. YARP itself knows which keys go together; here are the values that it takes and that then
/// change nothing, or fail the requests of the route.
/// </summary>
internal static class TransformShape
{
    private static readonly string[] OneHeader =
    [
        "RequestHeader", "RequestHeaderRemove", "RequestHeaderRouteValue", "ResponseHeader", "ResponseHeaderRemove", "ResponseTrailer",
        "ResponseTrailerRemove", "ClientCert",
    ];

    private static readonly string[] SeveralHeaders = ["RequestHeadersAllowed", "ResponseHeadersAllowed", "ResponseTrailersAllowed"];

    private static readonly JsonShape Names = TextThat(
        "names of headers, with semicolons", text => text.Split(';', StringSplitOptions.TrimEntries).All(Spellings.IsToken));

    private static readonly JsonShape Value = TextThat("a text without control characters", text => !text.Any(char.IsControl));

    public static JsonShape Transform { get; } = new Entry();

    private sealed record Entry : JsonShape
    {
        public override void Check(System.Text.Json.JsonElement value, string path, FindingList findings)
        {
            Map(Value).Check(value, path, findings);
            if (value.ValueKind != System.Text.Json.JsonValueKind.Object)
                return;
            foreach (var member in value.EnumerateObject())
            {
                if (OneHeader.Contains(member.Name, StringComparer.OrdinalIgnoreCase))
                    Spellings.HeaderName.Check(member.Value, $"{path}:{member.Name}", findings);
                else if (SeveralHeaders.Contains(member.Name, StringComparer.OrdinalIgnoreCase))
                    Names.Check(member.Value, $"{path}:{member.Name}", findings);
            }
        }
    }
}
