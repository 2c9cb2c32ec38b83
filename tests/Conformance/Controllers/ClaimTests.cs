using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>Claims and the volumes that they are bound to.</summary>
public sealed class ClaimTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: storage without a class is the cluster's default")]
    public async Task A_claim_without_a_class_gets_the_default_one_when_it_is_created()
    {
        var classes = (await Api.GetAsync("/apis/storage.k8s.io/v1/storageclasses")).Expect(200)["items"]!.AsArray();
        var common = Assert.Single(classes, one => (string?)one!["metadata"]!["annotations"]?["storageclass.kubernetes.io/is-default-class"] == "true");
        Assert.Equal((string?)common!["metadata"]!["name"], (string?)(await ClaimAsync("data", null))["spec"]!["storageClassName"]);
        Assert.Equal("", (string?)(await ClaimAsync("none", ""))["spec"]!["storageClassName"]);
    }

    [Case("operator: a Redis node's data is on a claim", NeedsPods = true)]
    public async Task A_claim_is_bound_for_its_pod_and_protected_while_the_pod_uses_it()
    {
        await ClaimAsync("data", null);
        var pod = Manifest.Pod("user", "echo kept > /data/file; sleep infinity");
        pod["spec"]!["volumes"] = JsonNode.Parse("""[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}]""");
        pod["spec"]!["containers"]![0]!["volumeMounts"] = JsonNode.Parse("""[{"name":"data","mountPath":"/data"}]""");
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        await Api.AwaitAsync(Core("pods/user"), now => (string?)now["status"]!["phase"] == "Running", "the pod to run");
        var bound = await Api.AwaitAsync(Claim("data"), now => (string?)now["status"]!["phase"] == "Bound", "the claim to be bound");
        Assert.Equal("kubernetes.io/pvc-protection", (string?)bound["metadata"]!["finalizers"]![0]);
        Assert.Equal("yes", (string?)bound["metadata"]!["annotations"]!["pv.kubernetes.io/bind-completed"]);
        Assert.Equal("ReadWriteOnce", (string?)bound["status"]!["accessModes"]![0]);
        Assert.NotNull(bound["status"]!["capacity"]!["storage"]);
        var path = $"/api/v1/persistentvolumes/{(string?)bound["spec"]!["volumeName"]}";
        var volume = (await Api.GetAsync(path)).Expect(200);
        Assert.Equal((Namespace, "data", UidOf(bound)), ((string?)volume["spec"]!["claimRef"]!["namespace"], (string?)volume["spec"]!["claimRef"]!["name"], (string?)volume["spec"]!["claimRef"]!["uid"]));
        Assert.Equal("Bound", (string?)volume["status"]!["phase"]);
        await Api.AwaitAsync(path, now => now["metadata"]!["finalizers"]?.AsArray().Any(finalizer => (string?)finalizer == "kubernetes.io/pv-protection") == true, "the volume to be protected");

        (await Api.DeleteAsync(Claim("data"))).Expect(200);
        Assert.True(IsGoing(await Api.AwaitAsync(Claim("data"), IsGoing, "the claim to go")));
        Assert.Equal("Running", (string?)(await Api.GetAsync(Core("pods/user"))).Expect(200)["status"]!["phase"]);
        (await Api.DeleteAsync(Core("pods/user"))).Expect(200);
        await Api.AwaitGoneAsync(Claim("data"));
    }

    [Case("users: a storage class that is missing, or that nobody serves")]
    public async Task A_claim_that_cannot_be_bound_stays_pending_and_an_event_says_why()
    {
        await ClaimAsync("missing", $"{Namespace}-none");
        await AwaitEventAsync("missing", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{Namespace}-none\" not found");
        await ClaimAsync("static", "");
        await AwaitEventAsync("static", "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        var name = $"{Namespace}-idle";
        (await Api.PostAsync("/apis/storage.k8s.io/v1/storageclasses", JsonNode.Parse($$"""{"metadata":{"name":"{{name}}" },"provisioner":"conformance.slotwise.dev/nobody"}""")!)).Expect(201);
        (await Api.PostAsync("/apis/storage.k8s.io/v1/storageclasses", JsonNode.Parse($$"""{"metadata":{"name":"{{name}}-late" },"provisioner":"conformance.slotwise.dev/nobody","volumeBindingMode":"WaitForFirstConsumer"}""")!)).Expect(201);
        try
        {
            await ClaimAsync("idle", name);
            await AwaitEventAsync("idle", "ExternalProvisioning", "Waiting for a volume to be created either by the external provisioner 'conformance.slotwise.dev/nobody' or manually by the system administrator.");
            await ClaimAsync("late", $"{name}-late");
            await AwaitEventAsync("late", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
            Assert.Equal("Pending", (string?)(await Api.GetAsync(Claim("late"))).Expect(200)["status"]!["phase"]);
        }
        finally
        {
            await Api.DeleteAsync($"/apis/storage.k8s.io/v1/storageclasses/{name}");
            await Api.DeleteAsync($"/apis/storage.k8s.io/v1/storageclasses/{name}-late");
        }
    }

    [Case("users: a volume of their own, kept and used again")]
    public async Task A_claim_takes_a_free_volume_that_fits_and_leaves_it_released()
    {
        var name = $"{Namespace}-volume";
        var path = $"/api/v1/persistentvolumes/{name}";
        (await Api.PostAsync("/api/v1/persistentvolumes", Manifest.Yaml($$"""
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: {{name}}}
            spec:
              capacity: {storage: 2Gi}
              accessModes: [ReadWriteOnce]
              persistentVolumeReclaimPolicy: Retain
              storageClassName: {{name}}
              hostPath: {path: /tmp/none}
            """))).Expect(201);
        try
        {
            await Api.AwaitAsync(path, now => (string?)now["status"]!["phase"] == "Available", "the volume to be available");
            await ClaimAsync("data", name);
            var bound = await Api.AwaitAsync(Claim("data"), now => (string?)now["status"]!["phase"] == "Bound", "the claim to be bound");
            Assert.Equal((name, "2Gi"), ((string?)bound["spec"]!["volumeName"], (string?)bound["status"]!["capacity"]!["storage"]));
            await Api.AwaitAsync(path, now => (string?)now["status"]!["phase"] == "Bound", "the volume to be bound");
            (await Api.DeleteAsync(path)).Expect(200);
            Assert.Equal("Bound", (string?)(await Api.GetAsync(path)).Expect(200)["status"]!["phase"]);
            (await Api.DeleteAsync(Claim("data"))).Expect(200);
            await Api.AwaitGoneAsync(Claim("data"));
            await Api.AwaitGoneAsync(path);
        }
        finally
        {
            await Api.DeleteAsync(path);
        }
    }

    [Case("operator: it grows claims when storage.size grows")]
    public async Task Only_a_bound_claim_of_a_class_that_allows_it_can_grow_and_none_can_shrink()
    {
        var name = $"{Namespace}-volume";
        var path = $"/api/v1/persistentvolumes/{name}";
        (await Api.PostAsync("/api/v1/persistentvolumes", Manifest.Yaml($$"""
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: {{name}}}
            spec: {capacity: {storage: 2Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: Retain, storageClassName: {{name}}, hostPath: {path: /tmp/none} }
            """))).Expect(201);
        try
        {
            await ClaimAsync("pending", $"{Namespace}-none");
            const string Larger = """{"spec":{"resources":{"requests":{"storage":"5Gi"}}}}""";
            var pending = (await Api.PatchAsync(Claim("pending"), PatchType.Merge, JsonNode.Parse(Larger)!)).Status;
            Assert.Contains(pending, (int[])[403, 422]);
            await ClaimAsync("data", name);
            await Api.AwaitAsync(Claim("data"), now => (string?)now["status"]!["phase"] == "Bound", "the claim to be bound");
            var refused = (await Api.PatchAsync(Claim("data"), PatchType.Merge, JsonNode.Parse(Larger)!)).ExpectRefusal(403, "Forbidden");
            Assert.Equal("persistentvolumeclaims \"data\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize", refused.Message);
            var smaller = (await Api.PatchAsync(Claim("data"), PatchType.Merge, JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"1Mi"}}}}""")!)).ExpectRefusal(422, "Invalid");
            Assert.Equal("spec.resources.requests.storage", Assert.Single(smaller.Causes).Field);
            var other = (await Api.PatchAsync(Claim("data"), PatchType.Merge, JsonNode.Parse("""{"spec":{"accessModes":["ReadWriteMany"]}}""")!)).ExpectRefusal(422, "Invalid");
            Assert.Contains("spec is immutable after creation except resources.requests", other.Message, StringComparison.Ordinal);
        }
        finally
        {
            await Api.DeleteAsync(Claim("data"));
            await Api.DeleteAsync(path);
        }
    }

    [Case("operator: it grows claims when storage.size grows, while their pods run on", NeedsPods = true)]
    public async Task A_claim_grows_while_its_pod_runs_on()
    {
        var classes = (await Api.GetAsync("/apis/storage.k8s.io/v1/storageclasses")).Expect(200)["items"]!.AsArray();
        var growing = classes.Where(one => (bool?)one!["allowVolumeExpansion"] == true).MaxBy(one => (string?)one!["metadata"]!["annotations"]?["storageclass.kubernetes.io/is-default-class"] == "true");
        Assert.SkipWhen(growing is null, "no class lets volumes grow");
        await ClaimAsync("data", (string?)growing!["metadata"]!["name"]);
        (await Api.PostAsync(Core("pods"), Manifest.Yaml($$"""
            metadata: { name: user }
            spec:
              terminationGracePeriodSeconds: 1
              volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
              containers: [{ name: main, image: {{Images.Shell}}, command: [sleep, infinity], volumeMounts: [{ name: data, mountPath: /data }] }]
            """))).Expect(201);
        var before = await Api.AwaitAsync(Core("pods/user"), now => (string?)now["status"]?["phase"] == "Running", "to run");

        (await Api.PatchAsync(Claim("data"), PatchType.Merge, JsonNode.Parse("""{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""")!)).Expect(200);

        var grown = await Api.AwaitAsync(Claim("data"), now => (string?)now["status"]!["capacity"]!["storage"] == "2Gi", "the claim to have grown");
        Assert.DoesNotContain(grown["status"]!["conditions"]?.AsArray() ?? [], condition => (string?)condition!["status"] == "True");
        var volume = await Api.GetAsync($"/api/v1/persistentvolumes/{(string?)grown["spec"]!["volumeName"]}");
        Assert.Equal("2Gi", (string?)volume.Expect(200)["spec"]!["capacity"]!["storage"]);
        var after = (await Api.GetAsync(Core("pods/user"))).Expect(200);
        Assert.Equal((string?)before["metadata"]!["uid"], (string?)after["metadata"]!["uid"]);
        Assert.Equal(0, (int?)after["status"]!["containerStatuses"]![0]!["restartCount"]);
    }

    string Claim(string name) => Core($"persistentvolumeclaims/{name}");

    async Task<JsonObject> ClaimAsync(string name, string? storageClass) => (await Api.PostAsync(Core("persistentvolumeclaims"), new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["accessModes"] = new JsonArray("ReadWriteOnce"),
            ["storageClassName"] = storageClass,
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } },
        },
    })).Expect(201);
}
