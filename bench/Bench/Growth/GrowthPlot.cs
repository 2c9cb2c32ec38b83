using System.Globalization;
using System.Text;

namespace Slotwise.Bench.Growth;

/// <summary>Curves side by side, both axes logarithmic, as SVG.</summary>
static class GrowthPlot
{
    const int PanelWidth = 320;
    const int Height = 300;
    const int Left = 56;
    const int Right = 16;
    const int Top = 36;
    const int Bottom = 48;

    public static string Draw(IReadOnlyList<GrowthSeries> series)
    {
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PanelWidth * series.Count} {Height}" font-family="sans-serif" font-size="11">""");
        svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
        for (var index = 0; index < series.Count; index++)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<g transform="translate({index * PanelWidth} 0)">""");
            DrawPanel(svg, series[index]);
            svg.AppendLine("</g>");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    static void DrawPanel(StringBuilder svg, GrowthSeries series)
    {
        var seconds = series.Points.SelectMany(point => new[] { point.Ours, point.Peer }).DefaultIfEmpty(1).ToList();
        var x = new Axis(series.Points.Select(point => (double)point.Size).DefaultIfEmpty(1).Min(), series.Points.Select(point => (double)point.Size).DefaultIfEmpty(10).Max(), Left, PanelWidth - Right);
        var y = new Axis(Math.Pow(10, Math.Floor(Math.Log10(seconds.Min()))), Math.Pow(10, Math.Ceiling(Math.Log10(seconds.Max()))), Height - Bottom, Top);
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Left}" y="16" font-weight="bold">seconds by {series.Unit}</text>""");
        for (var power = y.From; power <= y.To * 1.001; power *= 10)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<line x1="{Left}" x2="{PanelWidth - Right}" y1="{y.At(power):0.0}" y2="{y.At(power):0.0}" stroke="#dddddd"/>""");
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Left - 6}" y="{y.At(power) + 4:0.0}" text-anchor="end">{power:0.###}</text>""");
        }

        foreach (var point in series.Points)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x.At(point.Size):0.0}" y="{Height - Bottom + 16}" text-anchor="middle">{Short(point.Size)}</text>""");
        }

        Curve(svg, "slotwise", "#1f77b4", x, y, Height - 10, Left, series.Points.Select(point => (point.Size, point.Ours)));
        Curve(svg, "redis-cli", "#d62728", x, y, Height - 10, Left + 90, series.Points.Select(point => (point.Size, point.Peer)));
    }

    static void Curve(StringBuilder svg, string name, string color, Axis x, Axis y, int legendY, int legendX, IEnumerable<(int Size, double Seconds)> points)
    {
        var places = points.Select(point => (X: x.At(point.Size), Y: y.At(point.Seconds))).ToList();
        var line = string.Join(' ', places.Select(place => FormattableString.Invariant($"{place.X:0.0},{place.Y:0.0}")));
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>""");
        foreach (var place in places)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<circle cx="{place.X:0.0}" cy="{place.Y:0.0}" r="3" fill="{color}"/>""");
        }

        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{legendX}" y="{legendY}" fill="{color}">{name}</text>""");
    }

    static string Short(int size) => size switch
    {
        >= 1_000_000 => $"{size / 1_000_000}M",
        >= 10_000 and var large when large % 1000 == 0 => $"{size / 1000}k",
        >= 1024 => $"{size / 1024}k",
        _ => size.ToString(CultureInfo.InvariantCulture),
    };

    readonly record struct Axis(double From, double To, double First, double Last)
    {
        public double At(double value) => To > From ? First + ((Last - First) * Math.Log(value / From) / Math.Log(To / From)) : First;
    }
}
