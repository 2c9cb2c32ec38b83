using System.Text;

namespace Slotwise.LocalKubernetes.Nodes.Logs;

/// <summary>Writes the output of one run of a container to its file and tells followers. Safe for concurrent use.</summary>
public sealed class ContainerLog : IDisposable
{
    /// <summary>Longer lines are written in parts, as containerd does.</summary>
    const int LongestPart = 16 * 1024;

    /// <summary>A file that grows beyond this starts again; the older part is kept beside it.</summary>
    const long LargestFile = 10 * 1024 * 1024;

    /// <summary>Of the name of the older part.</summary>
    public const string OldSuffix = ".old";

    readonly Lock _gate = new();
    readonly string _path;
    readonly TimeProvider _time;
    readonly StringBuilder _firstErrors = new();
    readonly Dictionary<string, StringBuilder> _unfinished = new() { ["stdout"] = new(), ["stderr"] = new() };
    StreamWriter _writer;
    long _written;
    int _files = 1;
    bool _isComplete;
    TaskCompletionSource _changed = NewSignal();

    public ContainerLog(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _writer = Open(path);
    }

    /// <summary>The beginning of its standard error: the runtime's own complaint when a container cannot start.</summary>
    public string FirstErrors
    {
        get
        {
            lock (_gate)
            {
                return _firstErrors.ToString().Trim();
            }
        }
    }

    /// <summary>Whether nothing more will come; how many files were begun; and a task that completes at the next line, or at the end.</summary>
    public (bool IsComplete, int Files, Task Changed) State
    {
        get
        {
            lock (_gate)
            {
                return (_isComplete, _files, _changed.Task);
            }
        }
    }

    /// <summary>Takes what a stream brought, whole lines or not.</summary>
    /// <param name="stream"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="text">Any piece of its text.</param>
    public void Write(string stream, ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            if (_isComplete)
            {
                return;
            }

            var line = _unfinished[stream];
            while (!text.IsEmpty)
            {
                var end = text.IndexOf('\n');
                line.Append(end < 0 ? text : text[..end]);
                text = end < 0 ? [] : text[(end + 1)..];
                if (end >= 0 || line.Length >= LongestPart)
                {
                    WriteLine(stream, isPartial: end < 0, line);
                }
            }

            Flush();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isComplete)
            {
                return;
            }

            foreach (var (stream, line) in _unfinished.Where(entry => entry.Value.Length > 0))
            {
                WriteLine(stream, isPartial: false, line);
            }

            _isComplete = true;
            _writer.Dispose();
            _changed.TrySetResult();
        }
    }

    void WriteLine(string stream, bool isPartial, StringBuilder line)
    {
        var text = line.ToString();
        line.Clear();
        if (stream == "stderr" && _firstErrors.Length < 1024)
        {
            _firstErrors.Append(text).Append('\n');
        }

        var entry = new LogLine(_time.GetUtcNow(), stream, isPartial, text).ToString();
        _written += Encoding.UTF8.GetByteCount(entry) + 1;
        _writer.Write(entry);
        _writer.Write('\n');
    }

    void Flush()
    {
        _writer.Flush();
        if (_written > LargestFile)
        {
            _writer.Dispose();
            File.Move(_path, _path + OldSuffix, overwrite: true);
            _writer = Open(_path);
            _written = 0;
            _files++;
        }

        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    static StreamWriter Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new StreamWriter(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
    }

    // followers must not run inside the lock
    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
