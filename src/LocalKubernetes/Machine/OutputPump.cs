using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;

namespace Slotwise.LocalKubernetes.Machine;

/// <summary>Where the text that a process writes goes.</summary>
public delegate void OutputSink(ReadOnlySpan<char> text);

/// <summary>
/// Reads what all processes write, on one thread: a read from a process's pipe blocks a thread of the pool in .NET,
/// and two for each of sixty containers would starve everything else.
/// </summary>
sealed partial class OutputPump : IDisposable
{
    const short Readable = 1;

    readonly Lock _gate = new();
    readonly List<Reading> _added = [];
    readonly AnonymousPipeServerStream _wake = new(PipeDirection.Out);
    readonly AnonymousPipeClientStream _woken;
    bool _stopping;

    public OutputPump()
    {
        _woken = new AnonymousPipeClientStream(PipeDirection.In, _wake.ClientSafePipeHandle);
        new Thread(Run) { IsBackground = true, Name = "output" }.Start();
    }

    /// <summary>Hands everything that comes out of a redirected stream to the sink, until it ends; then closes it.</summary>
    public Task CopyAsync(StreamReader stream, OutputSink sink)
    {
        var reading = new Reading((AnonymousPipeClientStream)stream.BaseStream, sink);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _added.Add(reading);
            Wake();
        }

        return reading.End.Task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
            Wake();
        }
    }

    // only under the lock: of two threads that write to a pipe for the first time at once, .NET has the second close the pipe
    void Wake() => _wake.WriteByte(0);

    void Run()
    {
        var readings = new List<Reading>();
        var buffer = new byte[32 * 1024];
        while (true)
        {
            lock (_gate)
            {
                if (_stopping)
                {
                    break;
                }

                readings.AddRange(_added);
                _added.Clear();
            }

            var polled = new PollEntry[readings.Count + 1];
            polled[0] = new PollEntry { Descriptor = Number(_woken), Wanted = Readable };
            for (var i = 0; i < readings.Count; i++)
            {
                polled[i + 1] = new PollEntry { Descriptor = Number(readings[i].Stream), Wanted = Readable };
            }

            Poll(polled, (nuint)polled.Length, -1);
            if (polled[0].Found != 0)
            {
                _ = _woken.Read(buffer); // all that came: a full pipe would hold up whoever has the lock
            }

            for (var i = readings.Count - 1; i >= 0; i--)
            {
                if (polled[i + 1].Found != 0 && !readings[i].ReadOnce(buffer))
                {
                    readings.RemoveAt(i);
                }
            }
        }

        readings.ForEach(reading => reading.Finish());
        _wake.Dispose();
        _woken.Dispose();
    }

    // the streams are closed by this thread alone, so a number cannot come to mean another file meanwhile
    static int Number(PipeStream stream) => (int)stream.SafePipeHandle.DangerousGetHandle();

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll([In, Out] PollEntry[] entries, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }

    sealed class Reading(AnonymousPipeClientStream stream, OutputSink sink)
    {
        readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
        readonly char[] _text = new char[33 * 1024];

        public AnonymousPipeClientStream Stream { get; } = stream;

        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>False at the end of the stream.</summary>
        public bool ReadOnce(byte[] buffer)
        {
            try
            {
                var count = Stream.Read(buffer);
                if (count > 0)
                {
                    sink(_text.AsSpan(0, _decoder.GetChars(buffer, 0, count, _text, 0)));
                    return true;
                }
            }
            catch (IOException)
            {
                // as good as its end
            }

            Finish();
            return false;
        }

        public void Finish()
        {
            Stream.Dispose();
            End.TrySetResult();
        }
    }
}
