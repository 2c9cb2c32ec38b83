using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission;

/// <summary>Gives every new pod the priority of its PriorityClass, which must exist. See <c>plugin/pkg/admission/priority/admission.go</c>.</summary>
public sealed class PriorityAdmission : IAdmission
{
    public void Admit(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is not { Kind: { IsCustom: false, Kind.Plural: "pods" }, Before: null })
        {
            return;
        }

        var spec = request.Object.Ensure("spec");
        var classes = request.Store.Kinds.Find("scheduling.k8s.io", "v1", "priorityclasses")!;
        var (value, policy) = (0L, "PreemptLowerPriority");
        switch (spec.Text("priorityClassName"))
        {
            // these exist in every cluster
            case "system-node-critical":
                value = 2_000_001_000;
                break;
            case "system-cluster-critical":
                value = 2_000_000_000;
                break;
            case { Length: > 0 } name:
                try
                {
                    var its = request.Store.Get(classes, null, name).Json;
                    (value, policy) = (its.Number("value") ?? 0, its.Text("preemptionPolicy") ?? policy);
                }
                catch (KubernetesApiException e) when (e.IsNotFound)
                {
                    throw ApiError.Forbidden(request.Kind, Meta.Name(request.Object), $"no PriorityClass with name {name} was found");
                }

                break;
            default:
                var common = request.Store.List(classes, null, new ListQuery()).Items.Where(one => one.Json.Flag("globalDefault") == true).MinBy(one => one.Json.Number("value"));
                if (common is not null)
                {
                    spec["priorityClassName"] = common.Key.Name;
                    (value, policy) = (common.Json.Number("value") ?? 0, common.Json.Text("preemptionPolicy") ?? policy);
                }

                break;
        }

        spec["priority"] = value;
        spec["preemptionPolicy"] = policy;
    }
}
