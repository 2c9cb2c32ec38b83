using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Access;

/// <summary>The service accounts of pods.</summary>
public sealed class ServiceAccountTests(ClusterUnderTest cluster) : AccessTest(cluster)
{
    const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Case("operator: pods' service accounts")]
    public async Task A_pod_of_an_account_that_is_missing_is_refused()
    {
        var pod = Idle("a");
        pod["spec"]!["serviceAccountName"] = "nobody";
        Refused(await Api.PostAsync(Core("pods"), pod), $"pods \"a\" is forbidden: error looking up service account {Namespace}/nobody: serviceaccount \"nobody\" not found");
    }

    [Case("operator: in-cluster login")]
    public async Task Every_container_gets_the_accounts_token_the_authority_and_the_namespace()
    {
        var pod = Idle("a");
        pod["spec"]!["initContainers"] = new JsonArray(new JsonObject { ["name"] = "first", ["image"] = Images.Shell });
        var spec = (await Api.PostAsync(Core("pods"), pod)).Expect(201)["spec"]!;
        Assert.Equal(("default", "default"), ((string?)spec["serviceAccountName"], (string?)spec["serviceAccount"]));
        var volume = Assert.Single(spec["volumes"]!.AsArray())!;
        Assert.Matches("^kube-api-access-[a-z0-9]{5}$", (string?)volume["name"]);
        Assert.Equal(420, (int?)volume["projected"]!["defaultMode"]);
        var sources = volume["projected"]!["sources"]!.AsArray();
        Assert.Equal((3607, "token"), ((int?)sources[0]!["serviceAccountToken"]!["expirationSeconds"], (string?)sources[0]!["serviceAccountToken"]!["path"]));
        Assert.Equal("kube-root-ca.crt", (string?)sources[1]!["configMap"]!["name"]);
        Assert.Equal("metadata.namespace", (string?)sources[2]!["downwardAPI"]!["items"]![0]!["fieldRef"]!["fieldPath"]);
        foreach (var container in spec["containers"]!.AsArray().Concat(spec["initContainers"]!.AsArray()))
        {
            var mount = Assert.Single(container!["volumeMounts"]!.AsArray())!;
            Assert.Equal((MountPath, true, (string?)volume["name"]), ((string?)mount["mountPath"], (bool?)mount["readOnly"], (string?)mount["name"]));
        }
    }

    [Case("operator: pods without a token")]
    public async Task The_pod_decides_before_its_account_whether_it_gets_a_token()
    {
        (await Api.PostAsync(Core("serviceaccounts"), Manifest.Yaml("{metadata: {name: shy}, automountServiceAccountToken: false, imagePullSecrets: [{name: key}]}"))).Expect(201);
        var shy = Idle("shy");
        shy["spec"]!["serviceAccountName"] = "shy";
        var made = (await Api.PostAsync(Core("pods"), shy)).Expect(201)["spec"]!;
        Assert.Null(made["volumes"]);
        Assert.Equal("key", (string?)Assert.Single(made["imagePullSecrets"]!.AsArray())!["name"]);
        var bold = Idle("bold");
        bold["spec"]!["serviceAccountName"] = "shy";
        bold["spec"]!["automountServiceAccountToken"] = true;
        Assert.Single((await Api.PostAsync(Core("pods"), bold)).Expect(201)["spec"]!["volumes"]!.AsArray());
        var own = Idle("own");
        own["spec"]!["automountServiceAccountToken"] = false;
        Assert.Null((await Api.PostAsync(Core("pods"), own)).Expect(201)["spec"]!["volumes"]);
    }

    [Case("operator: in-cluster login", NeedsPods = true)]
    public async Task The_token_in_a_pod_is_the_pods_own()
    {
        var script = $"cd {MountPath}; cat token; echo; cat namespace; echo; head -1 ca.crt; stat -Lc %a token";
        var pod = Manifest.Pod("reader", script);
        pod["spec"]!["restartPolicy"] = "Never";
        var made = (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        await Api.AwaitAsync(Core("pods/reader"), now => (string?)now["status"]?["phase"] == "Succeeded", "its end");
        var lines = (await Api.GetAsync(Core("pods/reader/log"))).Text.Split('\n');
        Assert.Equal(Namespace, lines[1]);
        Assert.Equal("-----BEGIN CERTIFICATE-----", lines[2]);
        Assert.Equal("644", lines[3]);
        var review = (await Api.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", new JsonObject { ["spec"] = new JsonObject { ["token"] = lines[0] } })).Expect(201)["status"]!;
        Assert.Equal($"system:serviceaccount:{Namespace}:default", (string?)review["user"]?["username"]);
        Assert.Equal((string?)made["metadata"]!["uid"], (string?)review["user"]!["extra"]!["authentication.kubernetes.io/pod-uid"]![0]);
    }

    [Case("user: kubectl get service")]
    public async Task The_API_servers_Service_leads_to_where_it_listens()
    {
        const string Default = "/api/v1/namespaces/default";
        var service = (await Api.GetAsync($"{Default}/services/kubernetes")).Expect(200);
        Assert.Equal(("apiserver", "kubernetes"), ((string?)service["metadata"]!["labels"]!["component"], (string?)service["metadata"]!["labels"]!["provider"]));
        var port = Assert.Single(service["spec"]!["ports"]!.AsArray())!;
        Assert.Equal(("https", 443), ((string?)port["name"], (int?)port["port"]));
        Assert.Null(service["spec"]!["selector"]);
        var slices = (await Api.GetAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dkubernetes")).Expect(200)["items"]!.AsArray();
        var slice = Assert.Single(slices)!;
        Assert.Equal("kubernetes", (string?)slice["metadata"]!["name"]);
        Assert.Equal((string?)port["targetPort"]?.ToString(), (string?)slice["ports"]![0]!["port"]?.ToString());
        Assert.NotEmpty(slice["endpoints"]!.AsArray());
    }

    [Case("operator: in-cluster login", NeedsPods = true)]
    public async Task The_API_server_is_reached_from_a_pod_by_its_Service()
    {
        const string Script = """
            echo $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT $KUBERNETES_PORT_443_TCP $OWN_SERVICE_HOST
            exec 3<>/dev/tcp/$KUBERNETES_SERVICE_HOST/$KUBERNETES_SERVICE_PORT && echo connected
            """;
        (await Api.PostAsync(Core("services"), Manifest.Yaml("{metadata: {name: own}, spec: {ports: [{port: 80}]}}"))).Expect(201);
        var pod = Manifest.Pod("caller", Script);
        pod["spec"]!["restartPolicy"] = "Never";
        await RunAsync(pod);
        var lines = (await Api.GetAsync(Core("pods/caller/log"))).Text.Split('\n');
        var service = (await Api.GetAsync("/api/v1/namespaces/default/services/kubernetes")).Expect(200)["spec"]!;
        var own = (await Api.GetAsync(Core("services/own"))).Expect(200)["spec"]!;
        Assert.Equal($"{service["clusterIP"]} 443 tcp://{service["clusterIP"]}:443 {own["clusterIP"]}", lines[0]);
        Assert.Equal("connected", lines[1]);

        var declining = Manifest.Pod("declining", Script);
        declining["spec"]!["restartPolicy"] = "Never";
        declining["spec"]!["enableServiceLinks"] = false;
        await RunAsync(declining);
        Assert.Equal($"{service["clusterIP"]} 443 tcp://{service["clusterIP"]}:443", (await Api.GetAsync(Core("pods/declining/log"))).Text.Split('\n')[0]);
    }

    async Task RunAsync(JsonObject pod)
    {
        var made = (await Api.PostAsync(Core("pods"), pod)).Expect(201);
        await Api.AwaitAsync(Core($"pods/{made["metadata"]!["name"]}"), now => (string?)now["status"]?["phase"] == "Succeeded", "its end");
    }

    /// <summary>One that no scheduler takes.</summary>
    static JsonObject Idle(string name)
    {
        var pod = Manifest.Pod(name, "exit");
        pod["spec"]!["schedulerName"] = "nobody";
        return pod;
    }
}
