using System.Diagnostics;
using System.Threading.Channels;
using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>A program in a container that somebody talks to: with pipes, or with a terminal. Its bytes are passed on as they are.</summary>
sealed class ContainerProgram : IPodProgram
{
    readonly Process _process;
    readonly Terminal? _terminal;
    readonly Action _kill;
    readonly Channel<(PodProgramStream, ReadOnlyMemory<byte>)> _output = Channel.CreateBounded<(PodProgramStream, ReadOnlyMemory<byte>)>(64);

    /// <param name="process">Started with all its streams redirected.</param>
    /// <param name="terminal">What its streams are, if they are one.</param>
    /// <param name="hasInput">Whether anybody will write to it.</param>
    /// <param name="kill">Ends it with all that it started.</param>
    public ContainerProgram(Process process, Terminal? terminal, bool hasInput, Action kill)
    {
        _process = process;
        _terminal = terminal;
        _kill = kill;
        if (!hasInput || terminal is not null)
        {
            process.StandardInput.Close();
        }

        Exit = WaitAsync();
        _ = CompleteAsync(terminal is null
            ? [CopyAsync(process.StandardOutput.BaseStream.Read, PodProgramStream.Output), CopyAsync(process.StandardError.BaseStream.Read, PodProgramStream.Errors)]
            : [CopyAsync(terminal.Read, PodProgramStream.Output)]);
    }

    delegate int ReadBytes(Span<byte> buffer);

    public Task<int> Exit { get; }

    public IAsyncEnumerable<(PodProgramStream Stream, ReadOnlyMemory<byte> Bytes)> ReadAsync(CancellationToken cancellationToken) => _output.Reader.ReadAllAsync(cancellationToken);

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            if (_terminal is { } terminal)
            {
                terminal.Write(bytes.Span);
                return;
            }

            await _process.StandardInput.BaseStream.WriteAsync(bytes, cancellationToken);
            await _process.StandardInput.BaseStream.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // it reads no more
        }
    }

    public void CloseInput()
    {
        if (_terminal is { } terminal)
        {
            const byte EndOfTransmission = 4;
            terminal.Write([EndOfTransmission]);
            return;
        }

        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it reads no more
        }
    }

    public void Resize(int width, int height) => _terminal?.Resize(width, height);

    public async ValueTask DisposeAsync()
    {
        if (!Exit.IsCompleted)
        {
            _kill();
        }

        _output.Writer.TryComplete();
        await Exit;
        _terminal?.Dispose();
        _process.Dispose();
    }

    async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    // a read blocks its thread, and few programs run at once: each stream has a thread of its own
    Task CopyAsync(ReadBytes read, PodProgramStream stream) => Task.Factory.StartNew(
        () =>
        {
            var buffer = new byte[32 * 1024];
            try
            {
                for (var count = read(buffer); count > 0; count = read(buffer))
                {
                    if (!TryPass(stream, buffer.AsSpan(0, count).ToArray()))
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // as good as its end
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <summary>Waits until there is room; false when nobody reads any more.</summary>
    bool TryPass(PodProgramStream stream, ReadOnlyMemory<byte> bytes)
    {
        while (!_output.Writer.TryWrite((stream, bytes)))
        {
            if (_output.Reader.Completion.IsCompleted || !_output.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
            {
                return false;
            }
        }

        return true;
    }

    async Task CompleteAsync(Task[] copies)
    {
        // what it left running may hold its streams open for ever
        await Task.WhenAny(Task.WhenAll(copies), Exit.ContinueWith(_ => Task.Delay(TimeSpan.FromMilliseconds(500)), TaskScheduler.Default).Unwrap());
        _output.Writer.TryComplete();
    }
}
