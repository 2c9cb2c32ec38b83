using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Tokens;

/// <summary>Tokens for pods by the same requests that a kubelet sends.</summary>
sealed class PodTokens(TokenRequests requests, TimeProvider time) : IPodTokens
{
    static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public PodToken Issue(V1Pod pod, V1ServiceAccountTokenProjection wanted)
    {
        var request = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["audiences"] = wanted.Audience is { Length: > 0 } audience ? new JsonArray(audience) : null,
                ["expirationSeconds"] = wanted.ExpirationSeconds ?? 3600,
                ["boundObjectRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = pod.Metadata.Name, ["uid"] = pod.Metadata.Uid },
            },
        };
        var status = requests.Create(pod.Metadata.NamespaceProperty ?? "", pod.Spec?.ServiceAccountName ?? "default", request).Object("status");
        var now = time.GetUtcNow();
        var life = DateTimeOffset.Parse(status.Text("expirationTimestamp")!, CultureInfo.InvariantCulture) - now;
        return new PodToken(status.Text("token")!, now + (life * 0.8 < Day ? life * 0.8 : Day));
    }
}
