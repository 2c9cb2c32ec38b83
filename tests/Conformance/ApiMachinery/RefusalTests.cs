using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>What the server says to what cannot be: code, reason and words.</summary>
public sealed class RefusalTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("user: a typing error in a kind")]
    public async Task A_kind_that_is_not_there_is_not_found()
    {
        var refused = (await Api.GetAsync(Core("widgets"))).ExpectRefusal(404, "NotFound");
        (await Api.PostAsync(Core("widgets"), Manifest.Json("{}"))).ExpectRefusal(404, "NotFound");
        (await Api.GetAsync(Core("configmaps/a/status"))).ExpectRefusal(404, "NotFound");
        var noGroup = await Api.GetAsync("/apis/none.example.com/v1/things");

        Assert.Equal("the server could not find the requested resource", refused.Message);
        Assert.Equal((404, "404 page not found\n"), (noGroup.Status, noGroup.Text));
    }

    [Case("user: kubectl get of what is not there")]
    public async Task An_object_that_is_not_there_is_named()
    {
        var core = (await Api.GetAsync(Core("pods/none"))).ExpectRefusal(404, "NotFound");
        var grouped = (await Api.GetAsync(Group("apps/v1", "statefulsets/none"))).ExpectRefusal(404, "NotFound");

        Assert.Equal("pods \"none\" not found", core.Message);
        Assert.Equal("statefulsets.apps \"none\" not found", grouped.Message);
        Assert.Equal(("none", "apps", "statefulsets"), ((string?)grouped.Body["details"]!["name"], (string?)grouped.Body["details"]!["group"], (string?)grouped.Body["details"]!["kind"]));
    }

    [Case("user: a mistaken request")]
    public async Task A_method_that_a_path_does_not_have()
    {
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, "configmaps/a"), (HttpMethod.Put, "configmaps"), (HttpMethod.Patch, "configmaps")])
        {
            var refused = (await Api.SendAsync(method, Core(path), "{}", method == HttpMethod.Patch ? "application/merge-patch+json" : null)).ExpectRefusal(405, "MethodNotAllowed");
            Assert.Equal("the server does not allow this method on the requested resource", refused.Message);
        }
    }

    [Case("user: another client")]
    public async Task Only_some_media_types_are_read_and_written()
    {
        var read = (await Api.SendAsync(HttpMethod.Post, Core("configmaps"), "x", "text/plain")).ExpectRefusal(415, "UnsupportedMediaType");
        var write = (await Api.GetAsync(Core("configmaps"), "text/html")).ExpectRefusal(406, "NotAcceptable");
        Assert.StartsWith("the body of the request was in an unknown format - accepted media types include: application/json, application/yaml", read.Message, StringComparison.Ordinal);
        Assert.Contains("application/json", write.Message, StringComparison.Ordinal);
    }

    [Case("user: mistakes in manifests")]
    public async Task A_mistake_is_named_by_its_field()
    {
        var mistakes = new (string Path, string Object, (string Field, string Reason)[] Causes)[]
        {
            (Core("pods"), "{kind: Pod, apiVersion: v1, metadata: {name: a}, spec: {containers: [{name: x, image: z}, {name: x, image: z}]}}",
                [("spec.containers[1].name", "FieldValueDuplicate")]),
            (Core("pods"), "{kind: Pod, apiVersion: v1, metadata: {name: a}, spec: {containers: [{name: x, image: z, env: [{name: ''}, {name: 'a=b'}], livenessProbe: {periodSeconds: 1}}], volumes: [{name: V}]}}",
                [("spec.volumes[0].name", "FieldValueInvalid"), ("spec.containers[0].env[0].name", "FieldValueRequired"), ("spec.containers[0].env[1].name", "FieldValueInvalid"), ("spec.containers[0].livenessProbe", "FieldValueRequired")]),
            (Core("secrets"), "{kind: Secret, apiVersion: v1, metadata: {name: a}, type: kubernetes.io/tls}",
                [("data[tls.crt]", "FieldValueRequired"), ("data[tls.key]", "FieldValueRequired")]),
            (Core("persistentvolumeclaims"), "{kind: PersistentVolumeClaim, apiVersion: v1, metadata: {name: a}, spec: {accessModes: [Mine]}}",
                [("spec.accessModes", "FieldValueNotSupported"), ("spec.resources[storage]", "FieldValueRequired")]),
            (Group("networking.k8s.io/v1", "networkpolicies"), "{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, metadata: {name: a}, spec: {podSelector: {matchExpressions: [{key: a, operator: Like}]}, ingress: [{ports: [{port: 99999}], from: [{ipBlock: {cidr: here}}]}]}}",
                [("spec.podSelector.matchExpressions[0].operator", "FieldValueInvalid"), ("spec.ingress[0].ports[0].port", "FieldValueInvalid"), ("spec.ingress[0].from[0].ipBlock.cidr", "FieldValueInvalid")]),
        };

        foreach (var (path, obj, causes) in mistakes)
        {
            var refused = (await Api.PostAsync(path, Manifest.Yaml(obj))).ExpectRefusal(422, "Invalid");
            Assert.Equal(causes.Order(), refused.Causes.Select(cause => (cause.Field, cause.Reason)).Order());
        }
    }

    [Case("user: malformed JSON or YAML")]
    public async Task What_cannot_be_read_is_refused()
    {
        var cut = (await Api.SendAsync(HttpMethod.Post, Core("configmaps"), "{\"metadata\":")).ExpectRefusal(400, "BadRequest");
        var yaml = (await Api.SendAsync(HttpMethod.Post, Core("configmaps"), "a: b: c", "application/yaml")).ExpectRefusal(400, "BadRequest");
        var list = (await Api.SendAsync(HttpMethod.Post, Core("configmaps"), "[]")).ExpectRefusal(400, "BadRequest");
        var empty = (await Api.SendAsync(HttpMethod.Post, Core("configmaps"), "")).ExpectRefusal(400, "BadRequest");

        Assert.StartsWith("the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (", cut.Message, StringComparison.Ordinal);
        Assert.StartsWith("the object provided is unrecognized (must be of type ConfigMap): ", yaml.Message, StringComparison.Ordinal);
        Assert.Contains("json: cannot unmarshal array into Go value of type struct", list.Message, StringComparison.Ordinal);
        Assert.EndsWith("(<empty>)", empty.Message, StringComparison.Ordinal);
    }

    [Case("user: a number where a text belongs")]
    public async Task A_value_of_the_wrong_type_is_named()
    {
        var data = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a"},"data":{"k":1}}"""))).ExpectRefusal(400, "BadRequest");
        var replicas = (await Api.PostAsync(Group("apps/v1", "statefulsets"), Manifest.Json("""{"metadata":{"name":"a"},"spec":{"replicas":"x"}}"""))).ExpectRefusal(400, "BadRequest");
        var quantity = (await Api.PostAsync(Core("pods"), Manifest.Json("""{"metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"b","resources":{"limits":{"cpu":"much"}}}]}}"""))).ExpectRefusal(400, "BadRequest");
        var base64 = (await Api.PostAsync(Core("secrets"), Manifest.Json("""{"metadata":{"name":"a"},"data":{"k":"!"}}"""))).ExpectRefusal(400, "BadRequest");

        Assert.Equal("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string", data.Message);
        Assert.Equal("StatefulSet in version \"v1\" cannot be handled as a StatefulSet: json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32", replicas.Message);
        Assert.Equal("Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", quantity.Message);
        Assert.Equal("Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0", base64.Message);
    }

    [Case("user: a manifest sent to another path")]
    public async Task The_kind_must_be_that_of_the_path()
    {
        var kind = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}"""))).ExpectRefusal(400, "BadRequest");
        var version = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"apiVersion":"v9","kind":"ConfigMap","metadata":{"name":"a"}}"""))).ExpectRefusal(400, "BadRequest");
        Assert.StartsWith("Secret in version \"v1\" cannot be handled as a ConfigMap: ", kind.Message, StringComparison.Ordinal);
        Assert.StartsWith("ConfigMap in version \"v9\" cannot be handled as a ConfigMap: no kind \"ConfigMap\" is registered for version \"v9\"", version.Message, StringComparison.Ordinal);
    }

    [Case("user: names")]
    public async Task Names_labels_and_annotations_follow_rules()
    {
        var name = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"No_Name"}}"""))).ExpectRefusal(422, "Invalid");
        var none = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{}}"""))).ExpectRefusal(422, "Invalid");
        var label = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a","labels":{"a b":"c"}}}"""))).ExpectRefusal(422, "Invalid");
        var value = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a","labels":{"a":"b c"}}}"""))).ExpectRefusal(422, "Invalid");
        var key = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a"},"data":{"a/b":"c"}}"""))).ExpectRefusal(422, "Invalid");
        var finalizer = (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a","finalizers":["unqualified"]}}"""))).ExpectRefusal(422, "Invalid");

        Assert.StartsWith("ConfigMap \"No_Name\" is invalid: metadata.name: Invalid value: \"No_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters", name.Message, StringComparison.Ordinal);
        Assert.Equal("ConfigMap", (string?)name.Body["details"]!["kind"]);
        Assert.Equal("ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required", none.Message);
        Assert.Contains(label.Causes, cause => cause.Field == "metadata.labels" && cause.Reason == "FieldValueInvalid");
        Assert.Contains("metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of", value.Message, StringComparison.Ordinal);
        Assert.Contains("data[a/b]: Invalid value: \"a/b\": a valid config key must consist of", key.Message, StringComparison.Ordinal);
        Assert.Contains("metadata.finalizers[0]: Invalid value: \"unqualified\": name is neither a standard finalizer name nor is it fully qualified", finalizer.Message, StringComparison.Ordinal);
    }

    [Case("user: too much in one object")]
    public async Task There_are_limits_to_size()
    {
        var body = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", new string('x', 4 * 1024 * 1024))))).ExpectRefusal(413, "RequestEntityTooLarge");
        var data = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", new string('x', (1024 * 1024) + 1))))).ExpectRefusal(422, "Invalid");
        var annotated = Manifest.ConfigMap("a");
        annotated["metadata"]!["annotations"] = new JsonObject { ["a"] = new string('x', 256 * 1024) };
        var annotations = (await Api.PostAsync(Core("configmaps"), annotated)).ExpectRefusal(422, "Invalid");

        Assert.Equal("Request entity too large: limit is 3145728", body.Message);
        Assert.Contains("Too long: ", data.Message, StringComparison.Ordinal);
        Assert.Equal("FieldValueTooLong", Assert.Single(annotations.Causes).Reason);
        Assert.Equal("metadata.annotations", annotations.Causes[0].Field);
    }

    [Case("operator: StatefulSets and pods; user: their manifests")]
    public async Task All_faults_of_an_object_are_told_at_once()
    {
        var refused = (await Api.PostAsync(Core("pods"), Manifest.Yaml("""
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            spec:
              containers:
                - {name: Bad_, image: ""}
                - {name: b, image: b, imagePullPolicy: Sometimes, volumeMounts: [{name: none, mountPath: /x}], ports: [{containerPort: 99999}], resources: {requests: {cpu: "2"}, limits: {cpu: "1"}}}
            """))).ExpectRefusal(422, "Invalid");

        Assert.StartsWith("Pod \"a\" is invalid: [", refused.Message, StringComparison.Ordinal);
        var expected = new Dictionary<string, string>
        {
            ["spec.containers[0].name"] = "FieldValueInvalid",
            ["spec.containers[0].image"] = "FieldValueRequired",
            ["spec.containers[1].imagePullPolicy"] = "FieldValueNotSupported",
            ["spec.containers[1].volumeMounts[0].name"] = "FieldValueNotFound",
            ["spec.containers[1].ports[0].containerPort"] = "FieldValueInvalid",
            ["spec.containers[1].resources.requests"] = "FieldValueInvalid",
        };
        Assert.All(expected, pair => Assert.Contains(refused.Causes, cause => cause.Field == pair.Key && cause.Reason == pair.Value));
        Assert.Contains("spec.containers[1].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive", refused.Message, StringComparison.Ordinal);
        Assert.Contains("spec.containers[1].volumeMounts[0].name: Not found: \"none\"", refused.Message, StringComparison.Ordinal);
    }

    [Case("user: a pod that asks for what does not exist")]
    public async Task A_pod_is_refused_what_does_not_exist()
    {
        var account = (await Api.PostAsync(Core("pods"), Manifest.Json("""{"metadata":{"name":"a"},"spec":{"serviceAccountName":"none","containers":[{"name":"c","image":"i"}]}}"""))).ExpectRefusal(403, "Forbidden");
        var priority = (await Api.PostAsync(Core("pods"), Manifest.Json("""{"metadata":{"name":"a"},"spec":{"priorityClassName":"none","containers":[{"name":"c","image":"i"}]}}"""))).ExpectRefusal(403, "Forbidden");
        Assert.Contains("error looking up service account", account.Message, StringComparison.Ordinal);
        Assert.Equal("pods \"a\" is forbidden: no PriorityClass with name none was found", priority.Message);
    }
}
