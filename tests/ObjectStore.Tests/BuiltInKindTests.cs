using Slotwise.ObjectStore.BuiltIn;

namespace Slotwise.ObjectStore.Tests;

public sealed class BuiltInKindTests
{
    const string Set = """{"metadata":{"name":"s"},"spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"limits":{"memory":"1Gi"}},"livenessProbe":{"exec":{"command":["true"]}},"ports":[{"containerPort":1}],"volumeMounts":[{"name":"data","mountPath":"/d"},{"name":"v","mountPath":"/v"}]}],"volumes":[{"name":"v","configMap":{"name":"m"}}]}},"volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}""";

    readonly World _world = new();

    [Fact]
    public void A_stateful_set_gets_the_defaults_of_kubernetes()
    {
        var spec = _world.Create("statefulsets", Set).Object("spec")!;
        Assert.Equal(1, spec.Number("replicas"));
        Assert.Equal(10, spec.Number("revisionHistoryLimit"));
        Assert.Equal("OrderedReady", spec.Text("podManagementPolicy"));
        Assert.Equal("""{"type":"RollingUpdate","rollingUpdate":{"partition":0}}""", spec["updateStrategy"]!.ToJsonString());
        Assert.Equal("Filesystem", spec.Array("volumeClaimTemplates")![0].As().At("spec.volumeMode").AsText());
        var pod = spec.Object("template").Object("spec");
        Assert.Equal(("Always", 30, "ClusterFirst"), (pod.Text("restartPolicy"), pod.Number("terminationGracePeriodSeconds"), pod.Text("dnsPolicy")));
        Assert.Equal(420, pod.Array("volumes")![0].As().At("configMap.defaultMode").AsNumber());
        var container = pod.Array("containers")![0].As();
        Assert.Equal("IfNotPresent", container.Text("imagePullPolicy"));
        Assert.Equal("TCP", container.Array("ports")![0].As().Text("protocol"));
        Assert.Equal((1, 10, 1, 3), (Probe("timeoutSeconds"), Probe("periodSeconds"), Probe("successThreshold"), Probe("failureThreshold")));
        // Requests follow limits in pods, not in templates.
        Assert.Null(container.Object("resources")!["requests"]);

        long? Probe(string name) => container.Object("livenessProbe").Number(name);
    }

    [Fact]
    public void The_times_of_an_event_are_shown_also_when_they_are_not_set()
    {
        var stored = _world.Create("events", """{"metadata":{"name":"e","namespace":"default"},"involvedObject":{"kind":"Pod","namespace":"default"}}""");
        var shown = BuiltInKinds.All.Single(kind => kind.Kind is { Group: "events.k8s.io", Plural: "events" }).View(new StoredObject(stored, 1)).Json;
        Assert.True(shown.ContainsKey("deprecatedLastTimestamp") && shown["deprecatedLastTimestamp"] is null);
        Assert.True(shown.ContainsKey("regarding"));
        Assert.True(stored.ContainsKey("lastTimestamp") && stored["lastTimestamp"] is null);
    }

    [Fact]
    public void Most_of_a_stateful_set_cannot_be_changed()
    {
        _world.Create("statefulsets", Set);
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Patch("statefulsets", "s", PatchType.Merge, """{"spec":{"serviceName":"other"}}"""));
        Assert.Equal("StatefulSet.apps \"s\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden", refused.Message);
        Assert.Equal(2, Meta.Generation(_world.Patch("statefulsets", "s", PatchType.Merge, """{"spec":{"replicas":3}}""")));
    }

    [Fact]
    public void A_pod_gets_its_requests_from_its_limits()
    {
        var pod = _world.Create("pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}}""");
        Assert.Equal("1Gi", pod.Object("spec").Array("containers")![0].As().At("resources.requests.memory").AsText());
        Assert.Equal(("Pending", "Guaranteed"), (pod.At("status.phase").AsText(), pod.At("status.qosClass").AsText()));
        Assert.Equal("Always", pod.Object("spec").Array("containers")![0].As().Text("imagePullPolicy"));
    }

    [Theory]
    [InlineData("""{"containers":[]}""", "spec.containers")]
    [InlineData("""{"containers":[{"name":"c"}]}""", "spec.containers[0].image: Required value")]
    [InlineData("""{"containers":[{"image":"i"}]}""", "spec.containers[0].name: Required value")]
    [InlineData("""{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}""", "spec.containers[0].volumeMounts[0].name: Not found: \"v\"")]
    [InlineData("""{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Sometimes"}""", "spec.restartPolicy: Unsupported value: \"Sometimes\"")]
    [InlineData("""{"containers":[{"name":"c","image":"i"},{"name":"c","image":"i"}]}""", "spec.containers[1].name: Duplicate value: \"c\"")]
    public void A_bad_pod_is_refused(string spec, string expected) =>
        Assert.Contains(expected, Assert.Throws<KubernetesApiException>(() => _world.Create("pods", $$$"""{"metadata":{"name":"p"},"spec":{{{spec}}}}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_wrong_type_in_a_built_in_kind_cannot_be_read() =>
        Assert.Equal(
            System.Net.HttpStatusCode.BadRequest,
            Assert.Throws<KubernetesApiException>(() => _world.Create("statefulsets", Set.Replace("\"serviceName\":\"s\"", "\"serviceName\":1", StringComparison.Ordinal))).Code);

    [Fact]
    public void Services_get_addresses_of_their_own_and_keep_them()
    {
        var first = _world.Create("services", """{"metadata":{"name":"a"},"spec":{"ports":[{"port":1}]}}""");
        var second = _world.Create("services", """{"metadata":{"name":"b"},"spec":{"ports":[{"port":1}]}}""");
        var headless = _world.Create("services", """{"metadata":{"name":"c"},"spec":{"clusterIP":"None","ports":[{"port":1}]}}""");
        Assert.NotEqual(first.At("spec.clusterIP").AsText(), second.At("spec.clusterIP").AsText());
        Assert.Equal("None", headless.At("spec.clusterIP").AsText());

        var replacement = World.Parse("""{"metadata":{"name":"a"},"spec":{"ports":[{"port":2}]}}""");
        Assert.Equal(first.At("spec.clusterIP").AsText(), _world.Update("services", replacement).At("spec.clusterIP").AsText());
        Assert.Contains("may not change once set", Assert.Throws<KubernetesApiException>(() => _world.Patch("services", "a", PatchType.Merge, """{"spec":{"clusterIP":"10.96.9.9"}}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secret_texts_are_stored_encoded()
    {
        var secret = _world.Create("secrets", """{"metadata":{"name":"s"},"stringData":{"k":"v"}}""");
        Assert.Equal("dg==", secret.At("data.k").AsText());
        Assert.False(secret.ContainsKey("stringData"));
    }

    [Fact]
    public void Every_model_that_clients_use_is_known_in_full()
    {
        // A model with a field that the store does not know would lose it silently.
        var api = new StoreKubernetesApi(_world.Store, "test");
        Assert.NotNull(api);
        Check<V1Pod>();
        Check<V1StatefulSet>();
        Check<V1Service>();
        Check<V1PersistentVolumeClaim>();
        Check<V1PodDisruptionBudget>();
        Check<V1NetworkPolicy>();
        Check<V1EndpointSlice>();
        Check<V1Lease>();
        Check<EventsV1Event>();
        Check<V1Node>();
        Check<V1Namespace>();
        Check<V1ConfigMap>();
        Check<V1Secret>();

        void Check<T>()
            where T : class, IKubernetesObject<T> =>
            ModelFields.AssertKnown(T.JsonTypeInfo, _world.Store.Kinds.Get(KubernetesKind.Of<T>()).Schema, typeof(T).Name);
    }
}
