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

    /// <summary>One that no scheduler takes.</summary>
    static JsonObject Idle(string name)
    {
        var pod = Manifest.Pod(name, "exit");
        pod["spec"]!["schedulerName"] = "nobody";
        return pod;
    }
}
