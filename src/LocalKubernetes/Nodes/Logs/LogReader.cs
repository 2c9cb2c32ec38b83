using System.Text;
using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes.Nodes.Logs;

/// <summary>Reads on and on in a log file that is being written to: whole lines only, with the parts of a long one put together again.</summary>
sealed class LogReader(string path) : IDisposable
{
    readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    readonly byte[] _buffer = new byte[32 * 1024];
    readonly List<byte> _unfinished = [];
    readonly Dictionary<string, string> _parts = [];

    /// <summary>The lines that are there and were not read before.</summary>
    public IEnumerable<PodLogLine> Read()
    {
        for (var count = _file.Read(_buffer); count > 0; count = _file.Read(_buffer))
        {
            foreach (var text in Split(_buffer, count))
            {
                if (LogLine.TryParse(text, out var line) && TryFinish(line, out var whole))
                {
                    yield return new PodLogLine(line.At, whole);
                }
            }
        }
    }

    public void Dispose() => _file.Dispose();

    IEnumerable<string> Split(byte[] bytes, int count)
    {
        for (var start = 0; start < count;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start, count - start);
            _unfinished.AddRange(bytes.AsSpan(start, (end < 0 ? count : end) - start));
            if (end < 0)
            {
                yield break;
            }

            yield return Encoding.UTF8.GetString([.. _unfinished]);
            _unfinished.Clear();
            start = end + 1;
        }
    }

    bool TryFinish(LogLine line, out string whole)
    {
        whole = _parts.GetValueOrDefault(line.Stream, "") + line.Text;
        if (line.IsPartial)
        {
            _parts[line.Stream] = whole;
            return false;
        }

        _parts.Remove(line.Stream);
        return true;
    }
}
