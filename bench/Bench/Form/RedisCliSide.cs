using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Bench.Form;

/// <summary>The same servers, formed by <c>redis-cli --cluster create</c>.</summary>
sealed class RedisCliSide : IAsyncDisposable
{
    const string Config = "cluster-enabled yes\nprotected-mode no\nsave \"\"\nappendonly no\ncluster-node-timeout 15000\nrepl-diskless-sync-delay 0";

    readonly ServerFleet _fleet = new();
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-bench-cli-").FullName;
    Process? _creation;

    public RedisConnectionPool Pool { get; } = new();

    public ServerFleet Fleet => _fleet;

    public IReadOnlyList<string> Addresses => _fleet.Addresses;

    public async Task PrepareAsync(int network, int shards, int replicas, CancellationToken cancellationToken)
    {
        for (var index = 0; index < shards * (1 + replicas); index++)
        {
            _fleet.Start(network, Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{index}.conf")), Config);
        }

        await _fleet.WaitUntilUpAsync(Pool, credentials: null, cancellationToken);
    }

    public void Go(int replicas)
    {
        string[] arguments =
        [
            "--cluster", "create", .. Addresses.Select(address => $"{address}:6379"),
            "--cluster-replicas", replicas.ToString(CultureInfo.InvariantCulture), "--cluster-yes",
        ];
        _creation = Process.Start(new ProcessStartInfo("redis-cli", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-cli did not start");
    }

    /// <summary>Waits for redis-cli to end, because the time that it takes is what its user waits.</summary>
    public async Task WaitForExitAsync(CancellationToken cancellationToken)
    {
        var output = await _creation!.StandardOutput.ReadToEndAsync(cancellationToken);
        await _creation.WaitForExitAsync(cancellationToken);
        if (_creation.ExitCode != 0)
        {
            throw new InvalidOperationException($"redis-cli --cluster create failed:\n{output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _creation?.Dispose();
        await Pool.DisposeAsync();
        await _fleet.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
