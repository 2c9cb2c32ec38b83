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

    [Case("scenario: disk full, and grown", NeedsFaults = true, NeedsPods = true)]
    public async Task A_full_volume_has_room_again_when_its_claim_asks_for_more_and_its_pod_runs_on()
    {
        var claim = Core("persistentvolumeclaims/data");
        (await Api.PostAsync(Core("persistentvolumeclaims"), Manifest.Yaml(
            "{metadata: {name: data}, spec: {storageClassName: sized, accessModes: [ReadWriteOnce], resources: {requests: {storage: 8Mi}}}}"))).Expect(201);
        await Api.AwaitAsync(claim, now => (string?)now["status"]?["phase"] == "Bound", "to be bound");
        (await Api.PatchAsync(claim, PatchType.Merge, JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"12Mi"}}}}""")!)).Expect(200);
        var pending = await Api.AwaitAsync(claim, now => now["status"]!["conditions"]?[0] is not null, "to say that it waits for a pod");
        Assert.Equal(("FileSystemResizePending", "8Mi"), ((string?)pending["status"]!["conditions"]![0]!["type"], (string?)pending["status"]!["capacity"]!["storage"]));

        var run = RunAsync("fill", "head -c 64M /dev/zero >/data/ballast; echo full; until head -c 24M /dev/zero >/data/ballast; do sleep 0.2; done 2>/dev/null; stat -c %s /data/ballast");
        await Api.AwaitAsync(claim, now => (string?)now["status"]!["capacity"]!["storage"] == "12Mi", "to have grown for its pod");
        (await Api.PatchAsync(claim, PatchType.Merge, JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"32Mi"}}}}""")!)).Expect(200);

        var lines = (await run).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("No space left on device", lines[0], StringComparison.Ordinal);
        Assert.Equal(["full", $"{24 << 20}"], lines[1..]);
        Assert.Null((await Api.GetAsync(claim)).Expect(200)["status"]!["conditions"]?.AsArray().FirstOrDefault());
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
