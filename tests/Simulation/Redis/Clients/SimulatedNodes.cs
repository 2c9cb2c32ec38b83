using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Clients;

/// <summary>The port through which the code under simulation reaches servers, from one address: as the real pool and connections do, over the simulated network.</summary>
public sealed class SimulatedNodes : IRedisNodes
{
    readonly RedisWorld _world;
    readonly string _from;
    readonly SortedDictionary<string, SimulatedNode> _nodes = new(StringComparer.Ordinal);

    internal SimulatedNodes(RedisWorld world, string from)
    {
        _world = world;
        _from = from;
    }

    /// <inheritdoc/>
    public IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials)
    {
        if (_nodes.TryGetValue(key, out var known) && known.Endpoint == endpoint && known.Credentials == credentials)
        {
            return known;
        }

        known?.Retire();
        return _nodes[key] = new SimulatedNode(_world, _from, endpoint, credentials);
    }

    /// <inheritdoc/>
    public async Task<IRedisSession> OpenAsync(RedisEndpoint endpoint, RedisCredentials? credentials, TimeSpan timeout, CancellationToken cancellationToken) =>
        new SimulatedSession(_world, endpoint, await Dialling.ConnectAsync(_world, _from, endpoint, credentials, timeout, cancellationToken));

    /// <inheritdoc/>
    public void Forget(string key)
    {
        if (_nodes.Remove(key, out var node))
        {
            node.Retire();
        }
    }

    /// <summary>The process that used it is gone: its connections are closed by its host.</summary>
    public void Close()
    {
        foreach (var node in _nodes.Values)
        {
            node.Retire();
        }

        _nodes.Clear();
    }
}
