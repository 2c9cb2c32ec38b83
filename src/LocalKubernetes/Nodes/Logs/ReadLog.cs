namespace Slotwise.LocalKubernetes.Nodes.Logs;

/// <summary>Reads log files that may be written at the same time.</summary>
static class ReadLog
{
    public static IEnumerable<LogLine> Lines(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using var reader = Open(path);
        while (reader.ReadLine() is { } line)
        {
            if (LogLine.TryParse(line, out var entry))
            {
                yield return entry;
            }
        }
    }

    public static StreamReader Open(string path) => new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
}
