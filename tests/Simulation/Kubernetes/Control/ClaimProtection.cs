using System.Text.Json.Nodes;
using Slotwise.LocalKubernetes.Controllers.Claims;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.Simulation.Kubernetes.Control;

/// <summary>Keeps every claim while a pod uses it: the admission plug-in <c>StorageObjectInUseProtection</c>.</summary>
sealed class ClaimProtection : IAdmission
{
    public void Admit(AdmissionRequest request)
    {
        if (request is { Before: null, Kind: { IsCustom: false, Kind.Plural: "persistentvolumeclaims" } })
        {
            Meta.Of(request.Object)["finalizers"] = new JsonArray(ClaimController.Protection);
        }
    }
}
