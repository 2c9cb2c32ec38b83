using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Faults;

/// <summary>What is seen of a disk that is full: LocalKubernetes' class <c>sized</c> makes volumes that hold what was asked for and no more.</summary>
public sealed class DiskFaultTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("scenario: disk full", NeedsFaults = true, NeedsPods = true)]
    public async Task A_full_volume_takes_no_more_until_something_is_removed_and_what_it_holds_outlives_the_pod()
    {
        (await Api.PostAsync(Core("persistentvolumeclaims"), Manifest.Yaml(
            "{metadata: {name: data}, spec: {storageClassName: sized, accessModes: [ReadWriteOnce], resources: {requests: {storage: 16Mi}}}}"))).Expect(201);

        var full = await RunAsync("fill", "echo kept >/data/kept; df --output=size -k /data | tail -1; head -c 32M /dev/zero >/data/ballast; rm /data/ballast; echo again >/data/again && cat /data/again");
        var again = await RunAsync("look", "cat /data/kept");

        Assert.InRange(int.Parse(full.Split('\n')[0], null), 13 * 1024, 16 * 1024);
        Assert.Contains("No space left on device", full, StringComparison.Ordinal);
        Assert.EndsWith("again\n", full, StringComparison.Ordinal);
        Assert.Equal("kept\n", again);
    }

    async Task<string> RunAsync(string name, string script)
    {
        var pod = Manifest.Yaml($"""
            metadata: {"{"}name: {name}{"}"}
            spec:
              restartPolicy: Never
              volumes: [{"{"}name: data, persistentVolumeClaim: {"{"}claimName: data{"}"}{"}"}]
              containers:
              - name: main
                image: {Images.Shell}
                volumeMounts: [{"{"}name: data, mountPath: /data{"}"}]
            """);
        pod["spec"]!["containers"]![0]!["command"] = new JsonArray("bash", "-c", $"exec 2>&1; {script}");
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        await Api.AwaitAsync(Core($"pods/{name}"), now => (string?)now["status"]?["phase"] == "Succeeded", "to have ended");
        var log = await Api.GetAsync(Core($"pods/{name}/log"));
        Assert.Equal(200, log.Status); // not JSON, which Expect reads
        (await Api.DeleteAsync(Core($"pods/{name}"))).Expect(200);
        return log.Text;
    }
}
