using System.Globalization;

namespace Slotwise.LocalKubernetes.Nodes.Logs;

/// <summary>One line of a container's output, as the container runtime interface (CRI) writes it to a file.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Stream"><c>stdout</c> or <c>stderr</c>.</param>
/// <param name="IsPartial">Whether the line goes on in the next entry.</param>
public readonly record struct LogLine(DateTimeOffset At, string Stream, bool IsPartial, string Text)
{
    const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public string Time => At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    public static bool TryParse(string line, out LogLine entry)
    {
        ArgumentNullException.ThrowIfNull(line);
        var fields = line.Split(' ', 4);
        if (fields.Length == 4 && DateTimeOffset.TryParse(fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            entry = new LogLine(at, fields[1], fields[2] == "P", fields[3]);
            return true;
        }

        entry = default;
        return false;
    }

    public override string ToString() => $"{Time} {Stream} {(IsPartial ? 'P' : 'F')} {Text}";
}
