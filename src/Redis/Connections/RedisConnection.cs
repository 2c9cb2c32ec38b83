using System.IO.Pipelines;
using System.Net.Sockets;

namespace Slotwise.Redis;

/// <summary>
/// One TCP connection to one Redis server. A batch goes out in one write and its replies are read in order; batches of several callers take turns.
/// </summary>
/// <remarks>
/// A batch that is cancelled or times out while it waits for its turn has no effect. Once any of it was sent its replies could be taken for those of
/// the next batch, so cancellation, a time-out or any other failure then closes the connection for good. Between batches nothing is read, so that an
/// idle connection holds no buffer.
/// </remarks>
public sealed class RedisConnection : IRedisSession
{
    // larger than most replies; rented for as long as a reply is being read
    const int ReadBufferSize = 16 << 10;

    readonly RedisConnectionOptions _options;
    readonly Socket _socket;
    readonly Stream _stream;
    readonly PipeReader _input;
    readonly RespReader _reader;
    readonly SemaphoreSlim _turn = new(1);
    volatile bool _isClosed;

    internal RedisConnection(RedisEndpoint endpoint, RedisConnectionOptions options, Socket socket, Stream stream)
    {
        Endpoint = endpoint;
        _options = options;
        _socket = socket;
        _stream = stream;
        _reader = new RespReader(options.Limits);
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBufferSize, leaveOpen: true));
    }

    public RedisEndpoint Endpoint { get; }

    /// <summary>The protocol spoken: 3, or 2 where the server or its access list knows no HELLO.</summary>
    public int Protocol { get; internal set; } = 2;

    /// <summary>
    /// False once a batch failed or the server has closed the connection; to be asked between batches only, when anything that there is to read
    /// (the end of the stream, a TLS alert) means that this connection is over.
    /// </summary>
    internal bool IsUsable => !_isClosed && !IsReadable();

    /// <summary>Opens a connection and authenticates.</summary>
    /// <exception cref="RedisTimeoutException">It took longer than <see cref="RedisConnectionOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="RedisAuthenticationException">The server refused the credentials.</exception>
    /// <exception cref="RedisConnectionException">The server could not be reached.</exception>
    public static Task<RedisConnection> ConnectAsync(
        RedisEndpoint endpoint,
        RedisCredentials? credentials = null,
        RedisConnectionOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RedisDialer.DialAsync(endpoint, credentials, options ?? RedisConnectionOptions.Default, cancellationToken);

    /// <summary>Sends one command within the default time-out.</summary>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    /// <exception cref="RedisConnectionException">The connection broke or timed out.</exception>
    public async Task<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default) =>
        (await ExecuteAsync([command], _options.CommandTimeout, cancellationToken))[0].ThrowIfError();

    /// <summary>Sends one command within the default time-out and reads its reply.</summary>
    /// <exception cref="RedisServerException">The server answered with an error, or with something else than the command answers.</exception>
    /// <exception cref="RedisConnectionException">The connection broke or timed out.</exception>
    public async Task<T> ExecuteAsync<T>(RedisCommand<T> command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.Read((await ExecuteAsync([command], _options.CommandTimeout, cancellationToken))[0]);
    }

    /// <summary>Sends a batch within the default time-out; an error of the server is a reply like any other.</summary>
    /// <exception cref="RedisConnectionException">The connection broke or timed out.</exception>
    public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken = default) =>
        ExecuteAsync(commands, _options.CommandTimeout, cancellationToken);

    /// <summary>Sends a batch; an error of the server is a reply like any other.</summary>
    /// <param name="commands">The batch, sent in one write.</param>
    /// <param name="timeout">For all of it, waiting for its turn included.</param>
    /// <param name="cancellationToken">Gives up; see the remarks of the class.</param>
    /// <returns>One reply per command, in order.</returns>
    /// <exception cref="RedisTimeoutException">It took longer than <paramref name="timeout"/>.</exception>
    /// <exception cref="RedisConnectionException">The connection broke.</exception>
    public async Task<IReadOnlyList<RespValue>> ExecuteAsync(
        IReadOnlyList<RedisCommand> commands,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commands);
        using var deadline = new Deadline(timeout, _options.TimeProvider, cancellationToken);
        return await ExecuteAsync(commands, deadline);
    }

    /// <summary>Closes the connection; a batch in flight fails.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    internal async Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, Deadline deadline)
    {
        if (commands.Count == 0)
        {
            return [];
        }

        try
        {
            await _turn.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw deadline.Explain(e, Endpoint, $"{commands[0].Name} could not be sent", wasSent: false);
        }

        try
        {
            return _isClosed
                ? throw new RedisConnectionException(Endpoint, $"the connection was closed before {commands[0].Name} could be sent")
                : await ExchangeAsync(commands, deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            Close();
            throw deadline.Explain(e, Endpoint, $"no answer to {commands[0].Name}", wasSent: true);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or RedisProtocolException)
        {
            Close();
            throw new RedisConnectionException(Endpoint, $"the connection broke during {commands[0].Name}: {e.Message}", e) { MayHaveBeenCarriedOut = true };
        }
        finally
        {
            _turn.Release();
        }
    }

    internal void Close()
    {
        _isClosed = true;
        _stream.Dispose();
        _socket.Dispose();
    }

    /// <summary>Sends and reads with nobody else about; after any exception the connection must be closed.</summary>
    internal async Task<IReadOnlyList<RespValue>> ExchangeAsync(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken)
    {
        await SendAsync(commands, cancellationToken);
        var replies = new RespValue[commands.Count];
        var count = 0;
        while (count < replies.Length)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (count < replies.Length && _reader.TryRead(ref buffer, out var reply))
            {
                if (reply.Kind != RespKind.Push)
                {
                    replies[count++] = reply;
                }
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted && count < replies.Length)
            {
                throw new IOException($"the server closed it after {count} of {replies.Length} replies");
            }
        }

        return replies;
    }

    /// <summary>The next that the server says, asked or not; after any exception the connection must be closed.</summary>
    internal async Task<RespValue> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var isWhole = _reader.TryRead(ref buffer, out var said);
            _input.AdvanceTo(buffer.Start, isWhole ? buffer.Start : buffer.End);
            if (isWhole)
            {
                return said;
            }

            if (read.IsCompleted)
            {
                throw new IOException("the server closed it");
            }
        }
    }

    /// <summary>Sends without waiting for an answer; after any exception the connection must be closed.</summary>
    internal async Task SendAsync(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken)
    {
        var length = 0;
        foreach (var command in commands)
        {
            length = checked(length + RespWriter.MaxLength(command));
        }

        using var output = new SendBuffer(length);
        foreach (var command in commands)
        {
            RespWriter.WriteCommand(output, command);
        }

        await _stream.WriteAsync(output.Written, cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    bool IsReadable()
    {
        try
        {
            return _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
