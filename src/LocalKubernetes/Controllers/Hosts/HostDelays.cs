namespace Slotwise.LocalKubernetes.Controllers.Hosts;

/// <summary>How patient the control plane is with hosts. The defaults are kube-controller-manager's since 1.32.</summary>
public sealed record HostDelays
{
    /// <summary>After so long without a heartbeat a host counts as lost (<c>--node-monitor-grace-period</c>; 40 s before 1.32).</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How often heartbeats are looked at (<c>--node-monitor-period</c>).</summary>
    public TimeSpan Monitor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often pods are looked for that nobody will end any more (podgc's gcCheckPeriod).</summary>
    public TimeSpan Collect { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a Node must be gone before its pods are (podgc's quarantineTime).</summary>
    public TimeSpan Quarantine { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How long a volume of a lost host stays attached to it (attach-detach controller's maxWaitForUnmountDuration).</summary>
    public TimeSpan Unmount { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How often a host says that it is alive (kubelet's nodeStatusUpdateFrequency).</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>All of them as much shorter or longer as this grace is.</summary>
    public static HostDelays WithGrace(TimeSpan grace)
    {
        var kubernetes = new HostDelays();
        var factor = grace / kubernetes.Grace;
        return new HostDelays
        {
            Grace = grace,
            Monitor = kubernetes.Monitor * factor,
            Collect = kubernetes.Collect * factor,
            Quarantine = kubernetes.Quarantine * factor,
            Unmount = kubernetes.Unmount * factor,
            Heartbeat = kubernetes.Heartbeat * factor,
        };
    }
}
