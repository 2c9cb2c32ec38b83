using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Slotwise.Redis.Tests;

/// <summary>A server that speaks RESP on loopback and answers whatever a test tells it to, byte by byte if wanted.</summary>
sealed class FakeServer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stopping = new();
    readonly Func<Exchange, Task> _answer;
    readonly SslServerAuthenticationOptions? _tls;
    readonly ConcurrentBag<Task> _connections = [];
    readonly Task _accepting;
    int _accepted;
    int _open;

    FakeServer(Func<Exchange, Task> answer, SslServerAuthenticationOptions? tls)
    {
        _answer = answer;
        _tls = tls;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public RedisEndpoint Endpoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>All commands received, over all connections.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    /// <summary>How many connections were ever accepted.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>A server that answers each command with what <paramref name="answer"/> sends.</summary>
    public static FakeServer Start(Func<Exchange, Task> answer, SslServerAuthenticationOptions? tls = null) => new(answer, tls);

    /// <summary>A server that answers each command with one reply; HELLO with an empty map.</summary>
    public static FakeServer Start(Func<IReadOnlyList<string>, RespValue> answer, SslServerAuthenticationOptions? tls = null) =>
        new(exchange => exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : answer(exchange.Command)), tls);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _accepted);
                _connections.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        await Task.Yield();
        Interlocked.Increment(ref _open);
        try
        {
            client.NoDelay = true;
            await using var stream = await OpenAsync(client);
            var reader = new RespReader();
            var received = Array.Empty<byte>();
            var chunk = new byte[64 << 10];
            while (true)
            {
                var count = await stream.ReadAsync(chunk, _stopping.Token);
                if (count == 0)
                {
                    return;
                }

                var buffer = new ReadOnlySequence<byte>([.. received, .. chunk.AsSpan(0, count)]);
                while (reader.TryRead(ref buffer, out var value))
                {
                    var command = value.Items.ToArray().Select(item => item.AsText()!).ToList();
                    Received.Enqueue(string.Join(' ', command));
                    await _answer(new Exchange(command, stream, _stopping.Token));
                }

                received = buffer.ToArray();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or SocketException)
        {
        }
        finally
        {
            client.Dispose();
            Interlocked.Decrement(ref _open);
        }
    }

    async Task<Stream> OpenAsync(TcpClient client)
    {
        if (_tls is null)
        {
            return client.GetStream();
        }

        var encrypted = new SslStream(client.GetStream());
        await encrypted.AuthenticateAsServerAsync(_tls, _stopping.Token);
        return encrypted;
    }

    /// <summary>One command that waits for its answer.</summary>
    internal sealed record Exchange(IReadOnlyList<string> Command, Stream Stream, CancellationToken Stopping)
    {
        public async Task ReplyAsync(RespValue value)
        {
            var output = new ArrayBufferWriter<byte>();
            RespWriter.WriteReply(output, value, 3);
            await Stream.WriteAsync(output.WrittenMemory, Stopping);
        }

        /// <summary>Sends the reply one byte at a time.</summary>
        public async Task TrickleAsync(RespValue value)
        {
            var output = new ArrayBufferWriter<byte>();
            RespWriter.WriteReply(output, value, 3);
            for (var i = 0; i < output.WrittenCount; i++)
            {
                await Stream.WriteAsync(output.WrittenMemory.Slice(i, 1), Stopping);
            }
        }

        public async Task SendAsync(string bytes) => await Stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(bytes), Stopping);

        /// <summary>Never answers; ends when the client hangs up or the server stops.</summary>
        public async Task StallAsync()
        {
            while (await Stream.ReadAsync(new byte[1024], Stopping) > 0)
            {
            }
        }

        public void Close() => Stream.Dispose();
    }
}
