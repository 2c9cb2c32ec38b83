using System.Collections;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Commands with the addresses they were sent to, put into words only for whoever reads them: there are tens of thousands.</summary>
sealed class WriteLog : IReadOnlyList<string>
{
    readonly List<(string Host, RedisCommand Command)> _writes = [];

    public int Count => _writes.Count;

    public string this[int index] => $"{_writes[index].Host} {_writes[index].Command}";

    public void Add(string host, RedisCommand command) => _writes.Add((host, command));

    public IEnumerator<string> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
