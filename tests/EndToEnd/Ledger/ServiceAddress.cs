using System.Net;
using System.Net.Sockets;
using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd.Ledger;

/// <summary>
/// The address of a cluster's Service on this machine, which knows nothing of the Services of LocalKubernetes: each connection leads to one of the pods that are ready.
/// An application's client comes back to it when it has lost all servers that it knew.
/// </summary>
sealed class ServiceAddress : IAsyncDisposable
{
    readonly TestCluster _cluster;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly Task _accepting;

    public ServiceAddress(TestCluster cluster)
    {
        _cluster = cluster;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public override string ToString() => _listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(LeadAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    /// <summary>One connection, until either side ends it.</summary>
    async Task LeadAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            if (await _cluster.ReadyAddressesAsync() is { Count: > 0 } ready)
            {
                using var server = new TcpClient();
                await server.ConnectAsync(ready[Random.Shared.Next(ready.Count)], 6379, _stop.Token);
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException)
        {
            // The client notices, and comes again.
        }
    }

    async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), _stop.Token);
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two has ended, which ends the other.
        }
    }
}
