using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using ServiceDefaults.Options;

namespace ServiceDefaults.Tracing;

/// <summary>
/// Where traces go, under the names that OpenTelemetry's specification gives to environment variables. Without
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> there are none.
/// </summary>
internal sealed class TracingOptions
{
    public const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ProtocolKey = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string HeadersKey = "OTEL_EXPORTER_OTLP_HEADERS";
    private const string SamplerKey = "OTEL_TRACES_SAMPLER";
    private const string RatioKey = "OTEL_TRACES_SAMPLER_ARG";
    private const string NameKey = "OTEL_SERVICE_NAME";
    private const string Grpc = "grpc";
    private const string HttpProtobuf = "http/protobuf";
    private const string Everything = "parentbased_always_on";
    private const string Share = "parentbased_traceidratio";

    /// <summary>The port that collectors listen to for OTLP over HTTP, by convention; 4317 is gRPC's.</summary>
    private const int HttpPort = 4318;

    public static SettingKeys Keys { get; } = new(EndpointKey, ProtocolKey, HeadersKey, SamplerKey, RatioKey, NameKey);

    public bool Enabled => Endpoint.Length > 0;

    public string Endpoint { get; set; } = "";

    /// <summary><c>grpc</c> or <c>http/protobuf</c>; unless given, what the endpoint's port stands for.</summary>
    public string Protocol { get; set; } = "";

    /// <summary><c>key=value,…</c> for the collector. Holds its token: never log it.</summary>
    public string Headers { get; set; } = "";

    public string Sampler { get; set; } = "";

    /// <summary>Of the traces that begin here, from 0 to 1.</summary>
    public string Ratio { get; set; } = "";

    public string ServiceName { get; set; } = "";

    public double SampledShare => Sampler == Share ? ReadRatio() ?? 1 : 1;

    public static TracingOptions From(IConfiguration configuration) => new()
    {
        Endpoint = configuration[EndpointKey] ?? "",
        Protocol = configuration[ProtocolKey] ?? "",
        Headers = configuration[HeadersKey] ?? "",
        Sampler = configuration[SamplerKey] ?? "",
        Ratio = configuration[RatioKey] ?? "",
        ServiceName = configuration[NameKey] ?? "",
    };

    public IEnumerable<string> Faults()
    {
        if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            yield return Fault(EndpointKey, "(not shown)", "an absolute http or https address, as http://127.0.0.1:4317");
        if (Protocol is not ("" or Grpc or HttpProtobuf))
            yield return Fault(ProtocolKey, Protocol, $"{Grpc} or {HttpProtobuf}");
        if (Headers.Length > 0 && Headers.Split(',').Any(header => header.IndexOf('=') < 1))
            yield return Fault(HeadersKey, "(not shown)", "key=value pairs with commas between them");
        if (Sampler is not ("" or Everything or Share))
            yield return Fault(SamplerKey, Sampler, $"{Everything} or {Share}");
        if (Sampler == Share && Ratio.Length > 0 && ReadRatio() is null)
            yield return Fault(RatioKey, Ratio, "a number from 0 to 1");
    }

    /// <summary>For options without <see cref="Faults"/>.</summary>
    public OtlpExporterOptions ToExporter()
    {
        var url = new Uri(Endpoint);
        var grpc = Protocol.Length > 0 ? Protocol == Grpc : url.Port != HttpPort;
        var options = new OtlpExporterOptions
        {
            Protocol = grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            // An address that is set in code is taken as it is, without the signal's path.
            Endpoint = grpc ? url : new Uri(Endpoint.TrimEnd('/') + "/v1/traces"),
        };
        if (Headers.Length > 0)
            options.Headers = Headers;
        return options;
    }

    private double? ReadRatio() =>
        double.TryParse(Ratio, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio : null;

    private static string Fault(string key, string value, string expected) => $"{key}: \"{value}\", expected {expected}";
}
