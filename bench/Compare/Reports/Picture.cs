using System.Globalization;
using System.Text;

namespace CompareBench.Reports;

/// <summary>The ratios as bars in two panels, and below them what a request costs as the configuration grows.</summary>
internal static class Picture
{
    private const int Width = 1000;
    private const int Names = 230;
    private const int Panel = 340;
    private const int Gap = 40;
    private const int BarHeight = 14;
    private const int ChartHeight = 220;

    /// <summary>A ratio above it is drawn to the edge, with its number.</summary>
    private const double WidestRatio = 3;

    public static string Draw(IReadOnlyList<Section> sections)
    {
        var body = new StringBuilder();
        var y = DrawBars(body, sections.SelectMany(static s => s.Bars).ToArray(), 60);
        var x = 20;
        foreach (var chart in sections.SelectMany(static s => s.Curves).GroupBy(static c => c.Over, StringComparer.Ordinal))
        {
            DrawChart(body, chart.Key, [.. chart], x, y + 30);
            x += Width / 2;
        }

        var height = y + (x > 20 ? ChartHeight + 90 : 20);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}"
              font-family="sans-serif" font-size="11" fill="#222">
            <rect width="{Width}" height="{height}" fill="#fff"/>
            {body}</svg>

            """);
    }

    private static int DrawBars(StringBuilder body, Bar[] bars, int y)
    {
        var top = y;
        var foreground = new StringBuilder(); // The bars' numbers are not crossed by the axes' lines.
        int[] panels = [Names, Names + Panel + Gap];
        Text(foreground, panels[0], 24, "requests/s, bare YARP = 1 (more is better)", "font-size=\"13\"");
        Text(foreground, panels[1], 24, "processor time a request, bare YARP = 1 (less is better)", "font-size=\"13\"");
        foreach (var group in bars.GroupBy(static b => b.Group, StringComparer.Ordinal))
        {
            y += 10;
            Text(foreground, 20, y + 10, group.Key, "font-weight=\"bold\"");
            y += BarHeight + 2;
            foreach (var bar in group)
            {
                Text(foreground, Names - 8, y + 10, bar.Name, "text-anchor=\"end\"");
                DrawBar(foreground, panels[0], y, bar.Name, bar.Throughput);
                DrawBar(foreground, panels[1], y, bar.Name, bar.ProcessorTime);
                y += BarHeight;
            }
        }

        foreach (var panel in panels)
            DrawAxis(body, panel, top, y);
        body.Append(foreground);
        return y;
    }

    private static void DrawBar(StringBuilder body, int x, int y, string name, double? ratio)
    {
        if (ratio is not { } value)
            return;
        var width = Math.Min(value, WidestRatio) / WidestRatio * (Panel - 40);
        body.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{x}\" y=\"{y + 1}\" width=\"{width:0.0}\" height=\"{BarHeight - 3}\" fill=\"{Color(name)}\"/>\n");
        Text(body, x + width + 4, y + 10, value.ToString("0.00", CultureInfo.InvariantCulture), "fill=\"#444\"");
    }

    private static void DrawAxis(StringBuilder body, int x, int top, int bottom)
    {
        for (var ratio = 0; ratio <= WidestRatio; ratio++)
        {
            var at = x + ratio / WidestRatio * (Panel - 40);
            var color = ratio == 1 ? "#c00" : "#ddd";
            body.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{at:0.0}\" y1=\"{top - 8}\" x2=\"{at:0.0}\" y2=\"{bottom}\" stroke=\"{color}\" stroke-width=\"1\"/>\n");
            Text(body, at, top - 12, ratio.ToString(CultureInfo.InvariantCulture), "text-anchor=\"middle\" fill=\"#666\"");
        }
    }

    /// <summary>Sizes on a logarithmic axis, microseconds from zero.</summary>
    private static void DrawChart(StringBuilder body, string over, Curve[] curves, int left, int top)
    {
        const int Indent = 50;
        const int ChartWidth = 320;
        var points = curves.SelectMany(static c => c.Points).ToArray();
        if (points.Length == 0)
            return;
        var (least, most) = (Math.Log10(points.Min(static p => p.Size)), Math.Log10(points.Max(static p => p.Size)));
        var highest = points.Max(static p => p.ProcessorTime) * 1.1;
        double X(int size) => left + Indent + (Math.Log10(size) - least) / Math.Max(most - least, 1e-9) * ChartWidth;
        double Y(double time) => top + 30 + (1 - time / highest) * ChartHeight;

        Text(body, left, top + 10, $"processor time a request in µs, over {over}", "font-size=\"13\"");
        body.Append(CultureInfo.InvariantCulture,
            $"<path d=\"M{left + Indent} {Y(highest):0} V{Y(0):0} H{left + Indent + ChartWidth}\" stroke=\"#999\" fill=\"none\"/>\n");
        foreach (var size in points.Select(static p => p.Size).Distinct())
            Text(body, X(size), Y(0) + 16, size.ToString("N0", CultureInfo.InvariantCulture), "text-anchor=\"middle\" fill=\"#666\"");
        foreach (var curve in curves)
        {
            var path = string.Join(" L", curve.Points.Select(p => string.Create(
                CultureInfo.InvariantCulture, $"{X(p.Size):0.0} {Y(p.ProcessorTime):0.0}")));
            body.Append($"<path d=\"M{path}\" stroke=\"{Color(curve.Name)}\" stroke-width=\"2\" fill=\"none\"/>\n");
            foreach (var (size, time) in curve.Points)
                Text(body, X(size), Y(time) - 6, time.ToString("0", CultureInfo.InvariantCulture), "text-anchor=\"middle\" fill=\"#444\"");
            Text(body, X(curve.Points[^1].Size) + 14, Y(curve.Points[^1].ProcessorTime) + 4, curve.Name, $"fill=\"{Color(curve.Name)}\"");
        }
    }

    /// <summary>Of a candidate, whatever is said of it behind its name.</summary>
    private static string Color(string name) => name.Split(',')[0] switch
    {
        "bare YARP" => "#888888",
        "nginx" => "#2e8b57",
        "HAProxy" => "#d08a1d",
        "gateway" => "#2b65c7",
        _ => "#9a5bc4",
    };

    private static void Text(StringBuilder body, double x, double y, string text, string attributes) =>
        body.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{x:0.0}\" y=\"{y:0.0}\" {attributes}>{System.Security.SecurityElement.Escape(text)}</text>\n");
}
