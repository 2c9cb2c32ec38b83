using Slotwise.Conformance.Suite;
using Slotwise.Entities.Tests;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Conformance.Access;

/// <summary>The roles that our manifests add to view, edit and admin.</summary>
public sealed class UserRoleTests(ClusterUnderTest cluster) : AccessTest(cluster)
{
    [Case("user: RedisClusters without being administrator")]
    public async Task Viewers_see_RedisClusters_and_editors_change_them()
    {
        // Named and labelled for this case, so that what another case or the cluster itself has of them is left alone.
        foreach (var text in Repository.Read("config/rbac/user_roles.yaml").Split("\n---\n"))
        {
            var role = KubernetesYaml.Read(text)!.AsObject();
            role["metadata"]!["name"] = $"{Namespace}-{role["metadata"]!["name"]}";
            (await Api.PostAsync($"{Rbac}/clusterroles", role)).Expect(201);
        }

        foreach (var role in (string[])["view", "edit", "admin"])
        {
            await BindAsync(role, "ClusterRole", role, Namespace);
        }

        await MayAsync("view", "watch", "", true);
        await MayAsync("view", "get", "scale", true);
        await MayAsync("view", "patch", "", false);
        foreach (var role in (string[])["edit", "admin"])
        {
            await MayAsync(role, "deletecollection", "", true);
            await MayAsync(role, "update", "scale", true);
            await MayAsync(role, "patch", "status", false);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var name in (string[])["slotwise-view", "slotwise-edit"])
        {
            await Api.DeleteAsync($"{Rbac}/clusterroles/{Namespace}-{name}");
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    async Task MayAsync(string role, string verb, string part, bool expected)
    {
        var review = Manifest.Yaml($"{{spec: {{user: {Namespace}-{role}, resourceAttributes: {{verb: {verb}, group: redis.slotwise.dev, resource: redisclusters, subresource: \"{part}\", namespace: {Namespace}}}}}}}");
        ApiAnswer answer;
        var start = TimeProvider.System.GetTimestamp();
        do
        {
            answer = await Api.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", review.DeepClone());
        }
        while ((bool?)answer.Expect(201)["status"]!["allowed"] != expected && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
        Assert.Equal((role, verb, part, expected), (role, verb, part, (bool?)answer.Body["status"]!["allowed"]));
    }
}
