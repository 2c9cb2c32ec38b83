using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.LocalKubernetes.Api.Security.Tokens;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission;

/// <summary>
/// Gives every new pod a service account, which must exist, and mounts a token of it into each container that does not decline.
/// See <c>plugin/pkg/admission/serviceaccount/admission.go</c>.
/// </summary>
public sealed class ServiceAccountAdmission : IAdmission
{
    const string VolumePrefix = "kube-api-access-";
    const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    // The letters that Kubernetes generates names from.
    const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    public void Admit(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is not { Kind: { IsCustom: false, Kind.Plural: "pods" }, Before: null })
        {
            return;
        }

        var spec = request.Object.Ensure("spec");
        if (string.IsNullOrEmpty(spec.Text("serviceAccountName")))
        {
            spec["serviceAccountName"] = spec.Text("serviceAccount") is { Length: > 0 } older ? older : "default";
        }

        var account = Find(request, spec.Text("serviceAccountName")!);
        if (spec.Flag("automountServiceAccountToken") ?? account.Flag("automountServiceAccountToken") ?? true)
        {
            Mount(spec);
        }

        if (spec.Array("imagePullSecrets") is not { Count: > 0 } && account.Array("imagePullSecrets") is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepClone();
        }
    }

    static JsonObject Find(AdmissionRequest request, string name)
    {
        var ns = Meta.Namespace(request.Object);
        try
        {
            return request.Store.Get(request.Store.Kinds.Find("", "v1", "serviceaccounts")!, ns, name).Json;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            throw ApiError.Forbidden(request.Kind, Meta.Name(request.Object), $"error looking up service account {ns}/{name}: serviceaccount \"{name}\" not found");
        }
    }

    static void Mount(JsonObject spec)
    {
        var volumes = (spec.Array("volumes") ?? []).OfType<JsonObject>().Select(volume => volume.Text("name") ?? "").ToList();
        var present = volumes.Find(name => name.StartsWith(VolumePrefix, StringComparison.Ordinal));
        var name = present ?? VolumePrefix + new string(Random.Shared.GetItems<char>(Letters, 5));
        var mounted = false;
        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var container in (spec.Array(list) ?? []).OfType<JsonObject>().Where(DoesNotDecline))
            {
                List(container, "volumeMounts").Add(new JsonObject { ["name"] = name, ["readOnly"] = true, ["mountPath"] = MountPath });
                mounted = true;
            }
        }

        if (mounted && present is null)
        {
            List(spec, "volumes").Add(Volume(name));
        }
    }

    // Whoever mounts something of his own there wants no token.
    static bool DoesNotDecline(JsonObject container) =>
        (container.Array("volumeMounts") ?? []).OfType<JsonObject>().All(mount => mount.Text("mountPath") != MountPath);

    static JsonObject Volume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = TokenRequests.WarnOnlySeconds, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = "kube-root-ca.crt",
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                        }),
                    },
                }),
            ["defaultMode"] = 0b110_100_100,
        },
    };

    static JsonArray List(JsonObject obj, string name)
    {
        if (obj.Array(name) is { } found)
        {
            return found;
        }

        var made = new JsonArray();
        obj[name] = made;
        return made;
    }
}
