using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.LocalKubernetes.Api;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Tests.Api;

public sealed class StartTests(ApiFixture api) : IClassFixture<ApiFixture>, IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("localkube-start-").FullName;

    [Fact]
    public async Task A_taken_port_is_named()
    {
        var refused = await Assert.ThrowsAsync<PortTakenException>(() => StartAsync(api.Address.Port));
        Assert.Equal($"port {api.Address.Port} on 127.0.0.1 is taken by another program: choose another one with --port, or 0 for any free one", refused.Message);
    }

    [Fact]
    public async Task A_kubeconfig_outlives_a_restart_of_the_server()
    {
        var first = await StartAsync(0);
        var authority = first.Authority.Certificate.Thumbprint;
        await first.DisposeAsync();
        await using var second = await StartAsync(0);
        Assert.Equal(authority, second.Authority.Certificate.Thumbprint);
    }

    [Fact]
    public async Task Keys_are_for_their_owner_only()
    {
        await using var server = await StartAsync(0);
        var kubeconfig = Path.Combine(_directory, "kubeconfig");
        File.WriteAllText(kubeconfig, "an older one, readable by all");
        server.WriteKubeconfig(kubeconfig);
        foreach (var path in (string[])[kubeconfig, Path.Combine(_directory, "ca.key")])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void A_state_directory_has_one_localkube()
    {
        using (StateLock.Take(_directory))
        {
            var refused = Assert.Throws<StateInUseException>(() => StateLock.Take(_directory));
            Assert.Contains("--state", refused.Message, StringComparison.Ordinal);
        }

        StateLock.Take(_directory).Dispose();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    Task<ApiServer> StartAsync(int port) => ApiServer.StartAsync(
        new Store(new StoreOptions { Time = TimeProvider.System, Random = new Random(1) }),
        new ApiServerOptions { Port = port, StateDirectory = _directory },
        null,
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);
}
