namespace Slotwise.LocalKubernetes.Api.Security.Admission.PodSecurity;

/// <summary>What of a pod's spec a standard forbids.</summary>
/// <param name="Reason">In short.</param>
/// <param name="Detail">Which containers or fields.</param>
sealed record Violation(string Reason, string Detail)
{
    public override string ToString() => $"{Reason} ({Detail})";
}
