using System.Globalization;
using System.Text;
using RolloutBench.Streams;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace RolloutBench.Reports;

/// <summary>False rollbacks as bars, and beside them how long each judge takes.</summary>
internal static class RolloutPicture
{
    private const int Width = 1000;
    private const int Height = 420;
    private const int Middle = 460;

    private static readonly string[] Colors = ["#2b65c7", "#d08a1d", "#2e8b57", "#9a5bc4", "#888888", "#b5483a", "#4aa3a3"];

    public static string Draw(IReadOnlyList<Found> few, IReadOnlyList<Found> many)
    {
        Fonts.Default = "DejaVu Sans";
        using var bytes = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, Height), bytes))
        {
            Add(DrawBars(few[0], many[0]), 0, Middle);
            Add(DrawTimes(few), Middle, Width);

            void Add(Plot plot, int left, int right)
            {
                canvas.Save();
                canvas.ClipRect(new SKRect(left, 0, right, Height)); // A plot begins by clearing all that it may draw on.
                plot.Render(canvas, new PixelRect(left, right, Height, 0));
                canvas.Restore();
            }
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    private static Plot DrawBars(Found few, Found many)
    {
        var plot = new Plot();
        plot.Title("Rolled back although nothing was wrong, %", size: 13);
        var names = Ramp.Judges.Select(static judge => judge.Name).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            Add(i, 0.2, few.Judges[i], 1);
            Add(i, -0.2, many.Judges[i], 0.5);
        }

        plot.Axes.Left.TickGenerator = new NumericManual([.. names.Select(static (_, i) => (double)-i)], names);
        plot.Axes.SetLimits(0, 115, 0.6 - names.Length, 0.6);
        plot.XLabel("dark: 20 users an arm and tick, light: 200", size: 11);
        plot.HideGrid();
        return plot;

        void Add(int judge, double offset, Verdicts verdicts, double alpha)
        {
            var share = 100 * verdicts.RolledBack;
            plot.Add.Bar(new Bar
            {
                Position = offset - judge, Value = share, Size = 0.36, Orientation = Orientation.Horizontal, LineWidth = 0,
                FillColor = Color.FromHex(Colors[judge]).WithAlpha(alpha),
            });
            var text = plot.Add.Text(share.ToString("0.#", CultureInfo.InvariantCulture), share + 1, offset - judge);
            text.Alignment = Alignment.MiddleLeft;
            text.LabelFontSize = 10;
        }
    }

    private static Plot DrawTimes(IReadOnlyList<Found> found)
    {
        var plot = new Plot();
        plot.Title("Minutes to rollback (median), 20 users an arm and tick", size: 13);
        double[] rates = [1.5, 2, 5, 20, 100];
        var measured = rates.Select(rate => found.First(f => f.Scenario.Name == string.Create(CultureInfo.InvariantCulture, $"{rate} %")))
            .ToArray();
        for (var judge = 0; judge < Ramp.Judges.Count; judge++)
        {
            var line = plot.Add.Scatter(
                [.. rates.Select(Math.Log10)],
                (double[])[.. measured.Select(f => Math.Log10(f.Judges[judge].ToRollback.Median ?? double.NaN))],
                Color.FromHex(Colors[judge]));
            line.LegendText = Ramp.Judges[judge].Name;
            line.LineWidth = judge == 0 ? 3 : 1.5f;
        }

        plot.Axes.Bottom.TickGenerator = Ticks(rates);
        plot.Axes.Left.TickGenerator = Ticks([0.2, 0.5, 1, 2, 5, 10, 20, 50]);
        plot.XLabel("of the canary's users fail, %", size: 11);
        plot.ShowLegend(Alignment.LowerLeft);
        plot.Legend.FontSize = 10;
        return plot;
    }

    private static NumericManual Ticks(double[] values) =>
        new([.. values.Select(Math.Log10)], [.. values.Select(static v => v.ToString(CultureInfo.InvariantCulture))]);
}
