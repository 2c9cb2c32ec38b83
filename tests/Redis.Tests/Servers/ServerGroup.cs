using System.Collections;

namespace Slotwise.Redis.Tests;

/// <summary>Several servers that end together.</summary>
sealed class ServerGroup : IReadOnlyList<RedisServer>, IAsyncDisposable
{
    readonly List<RedisServer> _servers = [];

    public int Count => _servers.Count;

    public RedisServer this[int index] => _servers[index];

    public static async Task<ServerGroup> StartAsync(int count, params string[] arguments)
    {
        var group = new ServerGroup();
        try
        {
            while (group.Count < count)
            {
                group._servers.Add(await RedisServer.StartAsync(arguments));
            }

            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    public IEnumerator<RedisServer> GetEnumerator() => _servers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
