using System.Globalization;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Hosts;

/// <summary>What hosts say of themselves.</summary>
[Collection(nameof(Hosts))]
public sealed class HostObjectTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: spreading over hosts and zones", Hosts = 3)]
    public async Task Every_host_says_who_and_where_it_is()
    {
        var hosts = await Pause.HostsAsync(Api);
        var nodes = (await Api.GetAsync("/api/v1/nodes")).Expect(200)["items"]!.AsArray().Where(node => hosts.Contains((string)node!["metadata"]!["name"]!)).Select(node => node!).ToList();
        foreach (var node in nodes)
        {
            var name = (string)node["metadata"]!["name"]!;
            var labels = node["metadata"]!["labels"]!;
            Assert.Equal(name, (string?)labels["kubernetes.io/hostname"]);
            Assert.Equal("linux", (string?)labels["kubernetes.io/os"]);
            Assert.NotNull(labels["topology.kubernetes.io/zone"]);
            Assert.Contains(node["status"]!["addresses"]!.AsArray(), address => (string?)address!["type"] == "InternalIP");
            Assert.Contains(node["status"]!["addresses"]!.AsArray(), address => (string?)address!["type"] == "Hostname" && (string?)address["address"] == name);
            foreach (var resource in (string[])["cpu", "memory", "pods", "ephemeral-storage"])
            {
                Assert.NotNull(node["status"]!["capacity"]![resource]);
                Assert.NotNull(node["status"]!["allocatable"]![resource]);
            }

            var ready = Assert.Single(node["status"]!["conditions"]!.AsArray(), condition => (string?)condition!["type"] == "Ready")!;
            Assert.Equal("KubeletReady", (string?)ready["reason"]);
            Assert.Equal("kubelet is posting ready status", (string?)ready["message"]);
        }

        Assert.True(nodes.Select(node => (string?)node["metadata"]!["labels"]!["topology.kubernetes.io/zone"]).Distinct().Count() >= 3);
    }

    [Case("operator: a host that is gone is known by its silence", NeedsPods = true)]
    public async Task Every_host_renews_a_lease()
    {
        var name = (await Pause.HostsAsync(Api))[0];
        var node = (await Api.GetAsync($"/api/v1/nodes/{name}")).Expect(200);

        var lease = (await Api.GetAsync($"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}")).Expect(200);

        Assert.Equal(name, (string?)lease["spec"]!["holderIdentity"]);
        Assert.Equal(40, (int?)lease["spec"]!["leaseDurationSeconds"]);
        var renewed = DateTimeOffset.Parse((string)lease["spec"]!["renewTime"]!, CultureInfo.InvariantCulture);
        Assert.InRange(renewed, DateTimeOffset.UtcNow.AddSeconds(-60), DateTimeOffset.UtcNow.AddSeconds(5));
        var owner = Assert.Single(lease["metadata"]!["ownerReferences"]!.AsArray())!;
        Assert.Equal(("Node", name, (string?)node["metadata"]!["uid"]), ((string?)owner["kind"], (string?)owner["name"], (string?)owner["uid"]));
    }

    [Case("user: kubectl get nodes")]
    public async Task The_table_tells_status_and_version()
    {
        var lines = (await Cluster.KubectlAsync("get", "nodes")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Matches("^NAME +STATUS +ROLES +AGE +VERSION", lines[0]);
        Assert.All(lines.Skip(1), line => Assert.Matches(@"^\S+ +(Ready|NotReady|Ready,SchedulingDisabled) +\S+ +\S+ +v1\.\d+", line));
    }
}
