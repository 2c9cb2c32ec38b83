namespace Slotwise.ObjectStore;

/// <summary>Looks at every object once its defaults are filled in, before it is checked and stored, as Kubernetes' admission plugins do.</summary>
public interface IAdmission
{
    /// <summary>May change the object, warn its writer, or refuse it. Runs under the store's lock: it must not wait for anything.</summary>
    /// <exception cref="KubernetesApiException">403: refused; why.</exception>
    void Admit(AdmissionRequest request);
}

/// <summary>What is about to be stored.</summary>
/// <param name="Store">For what the decision depends on.</param>
/// <param name="Kind">Of the object.</param>
/// <param name="Object">As it will be; may be changed.</param>
/// <param name="Before">As it is; null when it is being created.</param>
/// <param name="Warn">Tells the writer something.</param>
public sealed record AdmissionRequest(Store Store, ResourceKind Kind, JsonObject Object, JsonObject? Before, Action<string> Warn);
