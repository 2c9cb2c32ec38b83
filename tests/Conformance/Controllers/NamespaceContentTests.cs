using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>What controllers put into a namespace, and what they say of one that is being emptied.</summary>
public sealed class NamespaceContentTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    [Case("operator: its pods run as a service account and know the API server's certificate")]
    public async Task A_namespace_has_a_service_account_and_the_certificate_of_the_server()
    {
        var map = await Api.AwaitAsync(Core("configmaps/kube-root-ca.crt"), _ => true, "the certificate");
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", (string?)map["data"]!["ca.crt"], StringComparison.Ordinal);
        (await Api.DeleteAsync(Core("serviceaccounts/default"))).Expect(200);
        await Api.AwaitAsync(Core("serviceaccounts/default"), _ => true, "another service account");
        (await Api.DeleteAsync(Core("configmaps/kube-root-ca.crt"))).Expect(200);
        await Api.AwaitAsync(Core("configmaps/kube-root-ca.crt"), _ => true, "the certificate again");
    }

    [Case("users: a namespace that does not go")]
    public async Task A_namespace_that_is_held_up_says_by_which_objects_and_finalizers()
    {
        var name = $"{Namespace}-held";
        (await Api.PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } })).Expect(201);
        var path = $"/api/v1/namespaces/{name}/configmaps/held";
        (await Api.PostAsync($"/api/v1/namespaces/{name}/configmaps", Manifest.ConfigMap("held"))).Expect(201);
        await HoldAsync(path);
        (await Api.DeleteAsync($"/api/v1/namespaces/{name}")).Expect(200);
        var left = await Api.AwaitAsync(
            $"/api/v1/namespaces/{name}",
            ns => MessageOf(ns, "NamespaceContentRemaining") == "Some resources are remaining: configmaps. has 1 resource instances",
            "the namespace to say what is left");
        Assert.Equal("Some content in the namespace has finalizers remaining: conformance.slotwise.dev/hold in 1 resource instances", MessageOf(left, "NamespaceFinalizersRemaining"));
        Assert.Equal("All resources successfully discovered", MessageOf(left, "NamespaceDeletionDiscoveryFailure"));
        Assert.Equal("Terminating", (string?)left["status"]!["phase"]);
        await LetGoAsync(path);
        await Api.AwaitGoneAsync($"/api/v1/namespaces/{name}");
    }

    static string? MessageOf(JsonObject ns, string type) =>
        (string?)ns["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type)?["message"];
}
