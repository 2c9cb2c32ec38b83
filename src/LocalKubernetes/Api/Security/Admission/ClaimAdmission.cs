using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission;

/// <summary>
/// Gives every new claim without a class the default one, and lets only those grow whose class can. See
/// <c>plugin/pkg/admission/storage</c>, setdefault and resize.
/// </summary>
public sealed class ClaimAdmission : IAdmission
{
    const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    public void Admit(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is not { Kind: { IsCustom: false, Kind.Plural: "persistentvolumeclaims" } })
        {
            return;
        }

        var spec = request.Object.Ensure("spec");
        if (request.Before is null)
        {
            if (spec["storageClassName"] is null && Classes(request).Where(IsDefault).MaxBy(one => Meta.Of(one).Text("creationTimestamp")) is { } common)
            {
                spec["storageClassName"] = Meta.Name(common);
            }

            return;
        }

        if (SizeOf(request.Before) is { } had && SizeOf(request.Object) is { } wants && wants > had)
        {
            RefuseGrowth(request, spec.Text("storageClassName") ?? "");
        }
    }

    static void RefuseGrowth(AdmissionRequest request, string name)
    {
        if (request.Before!.At("status.phase").AsText() != "Bound")
        {
            throw ApiError.Forbidden(request.Kind, Meta.Name(request.Object), "Only bound persistent volume claims can be expanded");
        }

        if (Classes(request).FirstOrDefault(one => Meta.Name(one) == name).Flag("allowVolumeExpansion") != true)
        {
            throw ApiError.Forbidden(request.Kind, Meta.Name(request.Object), "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        }
    }

    static IEnumerable<JsonObject> Classes(AdmissionRequest request) =>
        request.Store.List(request.Store.Kinds.Find("storage.k8s.io", "v1", "storageclasses")!, null, new ListQuery()).Items.Select(one => one.Json);

    static bool IsDefault(JsonObject one) => one.Object("metadata").Object("annotations").Text(DefaultClass) == "true";

    static Quantity? SizeOf(JsonObject claim) =>
        Quantity.TryParse(claim.Object("spec").Object("resources").Object("requests").Text("storage"), out var size) ? size : (Quantity?)null;
}
