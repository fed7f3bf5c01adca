using Gateway.Configuration;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Routing;

/// <summary>
/// An entry of a route's <c>Transforms</c>. YARP itself knows which keys go together; here are the keys that exist, and the values that it
/// takes and that then change nothing, or fail the requests of the route.
/// </summary>
internal static class TransformShape
{
    private static readonly JsonShape Names = TextThat(
        "names of headers, with semicolons", text => text.Split(';', StringSplitOptions.TrimEntries).All(Spellings.IsToken),
        "^[!#$%&'*+.^_`|~0-9A-Za-z; -]+$");

    private static readonly JsonShape Value =
        new JsonScalar("a text without control characters", text => !text.Any(char.IsControl)) { Type = "text" };

    private static readonly JsonShape Action = OneOf("Set", "Append", "Remove", "Off");

    private static readonly JsonShape Format = OneOf(
        "Random", "RandomAndPort", "RandomAndRandomPort", "Unknown", "UnknownAndPort", "UnknownAndRandomPort", "Ip", "IpAndPort",
        "IpAndRandomPort");

    private static readonly (string Key, JsonShape Shape)[] Keys =
    [
        .. All(Spellings.HeaderName, "RequestHeader", "RequestHeaderRemove", "RequestHeaderRouteValue", "ResponseHeader",
            "ResponseHeaderRemove", "ResponseTrailer", "ResponseTrailerRemove", "ClientCert"),
        .. All(Names, "RequestHeadersAllowed", "ResponseHeadersAllowed", "ResponseTrailersAllowed"),
        .. All(Value, "PathPrefix", "PathRemovePrefix", "PathSet", "PathPattern", "QueryValueParameter", "QueryRouteParameter",
            "QueryRemoveParameter", "HttpMethodChange", "Set", "Append", "Remove", "HeaderPrefix", "Forwarded"),
        .. All(Action, "X-Forwarded", "For", "Proto", "Host", "Prefix", "Action"),
        .. All(Format, "ForFormat", "ByFormat"),
        .. All(OneOf("Success", "Always", "Failure"), "When"),
        .. All(JsonShape.Boolean, "RequestHeadersCopy", "RequestHeaderOriginalHost", "ResponseHeadersCopy", "ResponseTrailersCopy"),
    ];

    public static JsonShape Transform { get; } = ObjectOfSecrets(Keys);

    private static IEnumerable<(string, JsonShape)> All(JsonShape shape, params string[] keys) => keys.Select(key => (key, shape));
}
