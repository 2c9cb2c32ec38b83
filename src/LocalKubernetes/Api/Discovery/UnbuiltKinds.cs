namespace Slotwise.LocalKubernetes.Api.Discovery;

/// <summary>What Kubernetes has and localkube has not: asking for it is answered with 501, not as if it were a typing error.</summary>
static class UnbuiltKinds
{
    static readonly Dictionary<string, string[]> Plurals = new()
    {
        [""] = ["bindings", "componentstatuses", "limitranges", "podtemplates", "replicationcontrollers", "resourcequotas"],
        ["admissionregistration.k8s.io"] = ["mutatingwebhookconfigurations", "validatingadmissionpolicies", "validatingadmissionpolicybindings", "validatingwebhookconfigurations"],
        ["apiregistration.k8s.io"] = ["apiservices"],
        ["apps"] = ["daemonsets"],
        ["autoscaling"] = ["horizontalpodautoscalers"],
        ["batch"] = ["cronjobs", "jobs"],
        ["certificates.k8s.io"] = ["certificatesigningrequests"],
        ["metrics.k8s.io"] = ["nodes", "pods"],
        ["networking.k8s.io"] = ["ingressclasses", "ingresses", "ipaddresses", "servicecidrs"],
        ["node.k8s.io"] = ["runtimeclasses"],
        ["storage.k8s.io"] = ["csidrivers", "csinodes", "csistoragecapacities", "volumeattachments"],
    };

    public static bool Contains(string group, string plural) => Plurals.TryGetValue(group, out var plurals) && plurals.Contains(plural);
}
