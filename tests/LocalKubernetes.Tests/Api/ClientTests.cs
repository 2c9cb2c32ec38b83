using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Tests.Api;

/// <summary>The project's own client against the project's own server: certificates, pages, watches, applies.</summary>
public sealed class ClientTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task The_client_logs_in_and_does_everything_it_can()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new KubernetesClient(KubernetesConfiguration.Load(api.Kubeconfig, null, TimeProvider.System), TimeProvider.System);
        Assert.Equal("v1.32.0-localkube", (await client.GetVersionAsync(limit.Token)).GitVersion);
        for (var i = 0; i < 5; i++)
        {
            await client.ApplyAsync(MapOf($"m{i}"), new ApplyOptions { FieldManager = "test" }, limit.Token);
        }

        var page = await client.ListAsync<V1ConfigMap>("default", new ListOptions { Limit = 3 }, limit.Token);
        var rest = await client.ListAsync<V1ConfigMap>("default", new ListOptions { Limit = 3, Continue = page.Continue }, limit.Token);
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], page.Items.Concat(rest.Items).Select(map => map.Metadata.Name));

        await client.DeleteAsync<V1ConfigMap>("default", "m0", new DeleteOptions(), limit.Token);
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync<V1ConfigMap>("default", "m0", limit.Token))).IsNotFound);
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => client.CreateAsync(MapOf("m1"), limit.Token))).IsAlreadyExists);

        await foreach (var change in client.WatchAsync<V1ConfigMap>("default", new WatchOptions { ResourceVersion = page.ResourceVersion, Timeout = TimeSpan.FromMinutes(1) }, limit.Token))
        {
            Assert.Equal((WatchEventType.Deleted, "m0"), (change.Type, change.Object?.Metadata.Name));
            break;
        }
    }

    static V1ConfigMap MapOf(string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["k"] = "v" } };
}
