using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Slotwise.Redis;

/// <summary>Opens connections: TCP, TLS if wanted, HELLO and authentication.</summary>
static class RedisDialer
{
    public static async Task<RedisConnection> DialAsync(
        RedisEndpoint endpoint,
        RedisCredentials? credentials,
        RedisConnectionOptions options,
        CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(options.ConnectTimeout, options.TimeProvider, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await ConnectAsync(socket, endpoint, deadline.Token);
            var stream = await OpenStreamAsync(socket, options.Tls(endpoint), deadline.Token);
            var connection = new RedisConnection(endpoint, options, socket, stream);
            await GreetInTimeAsync(connection, credentials, options, cancellationToken);
            return connection;
        }
        catch (OperationCanceledException e)
        {
            socket.Dispose();
            throw deadline.Explain(e, endpoint, "not connected", wasSent: false);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or ArgumentException or RedisProtocolException)
        {
            socket.Dispose();
            throw new RedisConnectionException(endpoint, "cannot connect: " + e.Message, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Greeting is asking: it gets the time of a command. Within the time of connecting, which the kernel answers alone, a server that has to
    /// wait for a processor would be given up and dialled anew for ever.
    /// </summary>
    static async Task GreetInTimeAsync(
        RedisConnection connection,
        RedisCredentials? credentials,
        RedisConnectionOptions options,
        CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(options.CommandTimeout, options.TimeProvider, cancellationToken);
        try
        {
            connection.Protocol = await GreetAsync(connection, credentials, deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw deadline.Explain(e, connection.Endpoint, "no answer to the greeting", wasSent: false);
        }
    }

    static ValueTask ConnectAsync(Socket socket, RedisEndpoint endpoint, CancellationToken cancellationToken) =>
        IPAddress.TryParse(endpoint.Host, out var address)
            ? socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), cancellationToken)
            : socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);

    static async Task<Stream> OpenStreamAsync(Socket socket, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (tls is null)
        {
            return plain;
        }

        var encrypted = new SslStream(plain);
        await encrypted.AuthenticateAsClientAsync(tls, cancellationToken);
        return encrypted;
    }

    /// <summary>Agrees on the protocol and authenticates.</summary>
    static async Task<int> GreetAsync(RedisConnection connection, RedisCredentials? credentials, CancellationToken cancellationToken)
    {
        var hello = credentials is null
            ? new RedisCommand("HELLO", 3)
            : new RedisCommand("HELLO", 3, "AUTH", credentials.User, credentials.Password);
        var reply = await AskAsync(hello);
        if (!reply.IsError)
        {
            return 3;
        }

        // a server that wants to know who we are says so to every command, which is the answer that callers without credentials are after
        if (reply.ErrorCode == "NOAUTH" && credentials is null)
        {
            return 2;
        }

        if (reply.ErrorCode == "WRONGPASS")
        {
            throw new RedisAuthenticationException(connection.Endpoint, new RedisServerException(reply.ErrorText));
        }

        var knowsNoHello = reply.ErrorCode is "NOPROTO" or "NOPERM" || reply.ErrorText.Contains("unknown command", StringComparison.OrdinalIgnoreCase);
        if (!knowsNoHello)
        {
            throw new RedisConnectionException(connection.Endpoint, "the server refused the connection: " + reply.ErrorText);
        }

        if (credentials is not null)
        {
            var answer = await AskAsync(new RedisCommand("AUTH", credentials.User, credentials.Password));
            if (answer.IsError)
            {
                throw new RedisAuthenticationException(connection.Endpoint, new RedisServerException(answer.ErrorText));
            }
        }

        return 2;

        async Task<RespValue> AskAsync(RedisCommand command) => (await connection.ExchangeAsync([command], cancellationToken))[0];
    }
}
