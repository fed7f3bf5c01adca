using System.Globalization;
using System.Text;

namespace ServiceDefaults.Metrics;

/// <summary>OpenTelemetry names to Prometheus names, by the OpenMetrics compatibility rules of the OpenTelemetry specification.</summary>
internal static class PrometheusNames
{
    public static string Metric(string name, string? unit, bool isCounter)
    {
        var builder = new StringBuilder(name.Length + 16);
        foreach (var c in name)
            builder.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or ':' ? c : '_');

        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            _ => "", // "{request}", "1" and no unit add nothing to a name.
        };
        var hasTotal = isCounter && EndsWith(builder, "_total");
        if (hasTotal)
            builder.Length -= "_total".Length;
        if (!EndsWith(builder, suffix))
            builder.Append(suffix);
        if (isCounter)
            builder.Append("_total");
        return builder.ToString();
    }

    /// <summary><c>{a="x",b="y"}</c>, sorted by name, or nothing without labels.</summary>
    public static string Labels(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var builder = new StringBuilder();
        foreach (var (name, value) in pairs.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            builder.Append(builder.Length == 0 ? '{' : ',');
            foreach (var c in name)
                builder.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            builder.Append("=\"").Append(Escape(value)).Append('"');
        }

        return builder.Length == 0 ? "" : builder.Append('}').ToString();
    }

    /// <summary><paramref name="labels"/> with one more label at the end.</summary>
    public static string With(string labels, string name, string value) =>
        labels.Length == 0 ? $"{{{name}=\"{value}\"}}" : $"{labels[..^1]},{name}=\"{value}\"}}";

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    public static string EscapeHelp(string text) => text.Replace("\\", "\\\\").Replace("\n", "\\n");

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");

    private static bool EndsWith(StringBuilder builder, string suffix) =>
        builder.Length >= suffix.Length
        && builder.ToString(builder.Length - suffix.Length, suffix.Length) == suffix;
}
