using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Network.Dns;

/// <summary>Tells pods the addresses of Services and of one another: LocalKubernetes' CoreDNS. It listens in the pods' network only.</summary>
public sealed partial class DnsServer : IAsyncDisposable
{
    const int LargestMessage = ushort.MaxValue;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly CancellationTokenSource _stop = new();
    readonly Socket _datagrams;
    readonly Socket _connections;
    readonly ClusterNames _names;
    readonly ILogger _logger;
    readonly Task _work;

    DnsServer(Socket datagrams, Socket connections, IKubernetesApi api, TimeProvider time, ILogger logger)
    {
        _datagrams = datagrams;
        _connections = connections;
        _logger = logger;
        var services = Informer<V1Service>();
        var slices = Informer<V1EndpointSlice>();
        var namespaces = Informer<V1Namespace>();
        _names = new ClusterNames(services, slices, namespaces);
        _work = Task.WhenAll(services.RunAsync(_stop.Token), slices.RunAsync(_stop.Token), namespaces.RunAsync(_stop.Token), AnswerDatagramsAsync(), AcceptAsync());

        Informer<T> Informer<T>()
            where T : class, IKubernetesObject<T> => new(api, new InformerOptions<T>(), time, new Random(), logger);
    }

    /// <param name="network">Where it listens: on <see cref="PodNetwork.NameServer"/>.</param>
    /// <param name="api">Where it learns names from.</param>
    public static DnsServer Start(PodNetwork network, IKubernetesApi api, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(network);
        var place = new IPEndPoint(PodNetwork.NameServer, 53);
        var (datagrams, connections) = network.InSwitch(() =>
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(place);
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(place);
            tcp.Listen(64);
            return (udp, tcp);
        });
        return new DnsServer(datagrams, connections, api, time, logger);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _datagrams.Dispose();
        _connections.Dispose();
        await Task.WhenAny(_work, Task.Delay(TimeSpan.FromSeconds(2)));
        _stop.Dispose();
    }

    async Task AnswerDatagramsAsync()
    {
        var buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var got = await _datagrams.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Answer(buffer.AsSpan(0, got.ReceivedBytes), null) is { } answer)
                {
                    await _datagrams.SendToAsync(answer, SocketFlags.None, got.RemoteEndPoint, _stop.Token);
                }
            }
            catch (SocketException e)
            {
                // whoever asked is gone; the next one is not
                LogNotAnswered(_logger, e.Message);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ConverseAsync(await _connections.AcceptAsync(_stop.Token));
            }
            catch (SocketException e)
            {
                LogNotAnswered(_logger, e.Message);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>Over TCP each message follows its length.</summary>
    async Task ConverseAsync(Socket socket)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        enough.CancelAfter(Patience);
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var length = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(length, enough.Token);
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(message, enough.Token);
                if (Answer(message, LargestMessage) is not { } answer)
                {
                    return;
                }

                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                await stream.WriteAsync(length.Concat(answer).ToArray(), enough.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // the asker has all that he wanted
        }
    }

    byte[]? Answer(ReadOnlySpan<byte> message, int? largest)
    {
        if (DnsQuestion.TryRead(message, out var question, out var code))
        {
            return question.Write(_names.Answer(question.Name, question.Type), largest ?? question.LargestAnswer);
        }

        if (message.Length < 12 || (message[2] & 0x80) != 0)
        {
            return null;
        }

        // the header alone
        return [message[0], message[1], 0x80, (byte)code, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A name was asked for and not answered: {Reason}")]
    static partial void LogNotAnswered(ILogger logger, string reason);
}
