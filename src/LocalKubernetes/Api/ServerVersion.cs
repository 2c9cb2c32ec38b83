using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Api;

/// <summary>What this server says it is: the Kubernetes version whose behaviour it follows.</summary>
static class ServerVersion
{
    public static JsonObject Document() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = ApiServer.Version,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "dotnet",
        ["platform"] = "linux/amd64",
    };
}
