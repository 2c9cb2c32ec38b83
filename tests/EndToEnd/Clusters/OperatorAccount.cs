using System.Text.Json.Nodes;
using Slotwise.Entities.Tests;

namespace Slotwise.EndToEnd.Clusters;

/// <summary>The operator as it is installed: with the account that config/rbac makes, and no more rights than that grants.</summary>
static class OperatorAccount
{
    public const string Namespace = "slotwise-system";

    /// <summary>As whom the API server knows it.</summary>
    public const string User = $"system:serviceaccount:{Namespace}:{Name}";

    const string Name = "slotwise";

    /// <summary>Makes the account, and writes a kubeconfig that logs in as it.</summary>
    public static async Task InstallAsync(RunningKubernetes kubernetes, string kubeconfig)
    {
        foreach (var part in (string[])["config/manager/namespace.yaml", "config/rbac"])
        {
            await kubernetes.ApplyFileAsync(Path.Combine(Repository.Root, part));
        }

        var request = await kubernetes.TryKubectlAsync(
            """{"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {"expirationSeconds": 86400}}""",
            "create", "--raw", $"/api/v1/namespaces/{Namespace}/serviceaccounts/{Name}/token", "-f", "-");
        Assert.True(request.ExitCode == 0, request.ToString());
        var token = JsonNode.Parse(request.Output)!["status"]!["token"]!.GetValue<string>();

        var config = JsonNode.Parse(await kubernetes.KubectlAsync("config", "view", "--raw", "-o", "json"))!;
        config["users"]![0]!["user"] = new JsonObject { ["token"] = token };
        await File.WriteAllTextAsync(kubeconfig, config.ToJsonString());
        File.SetUnixFileMode(kubeconfig, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
