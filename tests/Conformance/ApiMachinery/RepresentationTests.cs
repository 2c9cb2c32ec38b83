using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>The same object as JSON, as YAML, and as metadata alone.</summary>
public sealed class RepresentationTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("controllers: garbage collection; user: kubectl delete")]
    public async Task Metadata_can_be_read_alone()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"v"}}"""))).Expect(201);

        var one = (await Api.GetAsync(Core("configmaps/a"), "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")).Expect(200);
        var list = (await Api.GetAsync(Core("configmaps?labelSelector=x"), "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")).Expect(200);
        (await Api.GetAsync(Core("configmaps"), "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")).ExpectRefusal(406, "NotAcceptable");

        Assert.Equal(("PartialObjectMetadata", "meta.k8s.io/v1", "a"), ((string?)one["kind"], (string?)one["apiVersion"], (string?)one["metadata"]!["name"]));
        Assert.Null(one["data"]);
        Assert.Equal("PartialObjectMetadataList", (string?)list["kind"]);
        Assert.Equal("a", (string?)Assert.Single(list["items"]!.AsArray())!["metadata"]!["name"]);
        Assert.Null(list["items"]![0]!["data"]);
    }

    [Case("user: curl")]
    public async Task Objects_are_read_and_written_as_YAML_too()
    {
        (await Api.SendAsync(HttpMethod.Post, Core("configmaps"), "metadata:\n  name: a\ndata:\n  k: |\n    two\n    lines\n", "application/yaml")).Expect(201);

        var yaml = await Api.GetAsync(Core("configmaps/a"), "application/yaml");
        var liked = await Api.GetAsync(Core("configmaps/a"), "text/html;q=1,application/json;q=0.5");

        Assert.Equal("application/yaml", yaml.ContentHeaders.ContentType?.MediaType);
        Assert.Equal("two\nlines\n", (string?)Manifest.Yaml(yaml.Text)["data"]!["k"]);
        Assert.Equal("two\nlines\n", (string?)liked.Expect(200)["data"]!["k"]);
    }

    [Case("user: kubectl scale, HorizontalPodAutoscaler")]
    public async Task Scale_is_a_view_of_the_replicas()
    {
        (await Api.PostAsync(Group("apps/v1", "statefulsets"), Manifest.Yaml("""
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: a}
            spec:
              serviceName: a
              replicas: 2
              selector: {matchLabels: {app: a}}
              template: {metadata: {labels: {app: a}}, spec: {nodeSelector: {example.com/nowhere: x}, containers: [{name: c, image: i}]}}
            """))).Expect(201);
        var path = Group("apps/v1", "statefulsets/a");

        var scale = (await Api.GetAsync($"{path}/scale")).Expect(200);
        var refused = (await Api.PatchAsync($"{path}/scale", PatchType.Merge, Manifest.Json("""{"spec":{"replicas":-1}}"""))).ExpectRefusal(422, "Invalid");
        scale["spec"]!["replicas"] = 1;
        // its controller writes its status meanwhile
        scale["metadata"]!.AsObject().Remove("resourceVersion");
        (await Api.PutAsync($"{path}/scale", scale)).Expect(200);
        scale["metadata"]!["resourceVersion"] = "1";
        (await Api.PutAsync($"{path}/scale", scale)).ExpectRefusal(409, "Conflict");

        Assert.Equal(("Scale", "autoscaling/v1", "app=a"), ((string?)scale["kind"], (string?)scale["apiVersion"], (string?)scale["status"]!["selector"]));
        Assert.Equal("Scale.autoscaling \"a\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0", refused.Message);
        Assert.Equal(1, (int?)(await Api.GetAsync(path)).Expect(200)["spec"]!["replicas"]);
    }
}
