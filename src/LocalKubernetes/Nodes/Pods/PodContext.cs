using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Environment;
using Slotwise.LocalKubernetes.Nodes.Faults;
using Slotwise.LocalKubernetes.Nodes.Logs;
using Slotwise.LocalKubernetes.Nodes.Volumes;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>One pod on this node: the newest version of its object, its address and its directories.</summary>
sealed class PodContext(V1Pod pod, PodServices services)
{
    readonly string _uid = pod.Metadata.Uid ?? "";
    readonly Lock _gate = new();
    volatile V1Pod _pod = pod;

    public V1Pod Pod => _pod;

    /// <summary>When it came to this node.</summary>
    public DateTimeOffset Began { get; } = services.Time.GetUtcNow();

    public PodServices Services { get; } = services;

    public PodAddress? Address { get; private set; }

    public PodVolumes Volumes { get; } = new(services.Instance, pod, services.Objects, services.ClaimDirectory, services.Time);

    public string HostIP => Services.Network.HostAddress.ToString();

    public PodFields Fields => new(Pod, Address?.Address.ToString() ?? "", HostIP, Services.Allocatable);

    public string Name => Pod.Metadata.Name ?? "";

    string Directory => Path.Combine(Services.Instance.PodsDirectory, _uid);

    string ClockFile => Path.Combine(Directory, "clock");

    /// <summary>Takes a version of the object, unless it is older than the one at hand: a write's answer overtakes the watch.</summary>
    public void Update(V1Pod version)
    {
        lock (_gate)
        {
            if (VersionOf(version) >= VersionOf(_pod))
            {
                _pod = version;
            }
        }
    }

    // comparable as numbers since Kubernetes 1.35 (KEP-5504)
    static ulong VersionOf(V1Pod version) =>
        ulong.TryParse(version.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public async Task AttachAsync(CancellationToken cancellationToken)
    {
        if (Address is not null)
        {
            return;
        }

        var address = await Services.Network.AttachAsync($"{Pod.Metadata.NamespaceProperty}-{Name}", Services.Addresses.WishOf(Pod), cancellationToken);
        Services.Addresses.Fulfil(Pod);
        WriteFiles(address);
        Address = address;
    }

    public async Task DetachAsync()
    {
        if (Address is { } address)
        {
            await Services.Network.DetachAsync(address, CancellationToken.None);
            Address = null;
        }
    }

    public ContainerSpec BuildSpec(V1Container container, ContainerImage image, int run)
    {
        var directory = Path.Combine(Directory, "containers", container.Name, $"{run}");
        System.IO.Directory.CreateDirectory(directory);
        var message = Path.Combine(directory, "termination-log");
        File.WriteAllText(message, "");
        const UnixFileMode ForAll = (UnixFileMode)0b110_110_110;
        File.SetUnixFileMode(message, ForAll);
        // a pod does not get or lose its own clock while it lives, whatever becomes of its annotation
        var clock = File.Exists(ClockFile) ? ClockFile : null;
        var files = new ContainerFiles(
            directory, Path.Combine(Directory, "hosts"), Path.Combine(Directory, "hostname"), Path.Combine(Directory, "resolv.conf"), message, LogPath(Services.Instance.PodsDirectory, _uid, container.Name, run), clock);
        return BuildContainerSpec.Of(container, image, Fields, Services.Objects, Address!, Volumes.Prepare(Fields), files);
    }

    /// <summary>Sets the pod's clock, if it has its own.</summary>
    public bool TrySetClock(TimeSpan offset)
    {
        if (!File.Exists(ClockFile))
        {
            return false;
        }

        PodClock.Write(ClockFile, offset);
        return true;
    }

    /// <summary>Removes what is left of an old run: its log and what it wrote outside volumes. The kubelet keeps one run besides the present.</summary>
    public void ForgetRun(V1Container container, int run)
    {
        var directory = Path.Combine(Directory, "containers", container.Name, $"{run}");
        var log = LogPath(Services.Instance.PodsDirectory, _uid, container.Name, run);
        if (run < 0 || !System.IO.Directory.Exists(directory))
        {
            return;
        }

        Services.Logs.Forget(log);
        System.IO.Directory.Delete(directory, recursive: true);
        File.Delete(log);
        File.Delete(log + ContainerLog.OldSuffix);
    }

    public static string LogPath(string podsDirectory, string uid, string container, int run) => Path.Combine(podsDirectory, uid, "logs", container, $"{run}.log");

    void WriteFiles(PodAddress address)
    {
        System.IO.Directory.CreateDirectory(Directory);
        File.WriteAllText(Path.Combine(Directory, "hosts"), BuildNameFiles.Hosts(Pod, address.Address));
        File.WriteAllText(Path.Combine(Directory, "hostname"), BuildContainerSpec.HostnameOf(Pod) + "\n");
        File.WriteAllText(Path.Combine(Directory, "resolv.conf"), BuildNameFiles.ResolvConf(Pod));
        if (PodClock.IsAdjustable(Pod))
        {
            PodClock.Write(ClockFile, Services.Clocks.OffsetOf(Services.Options.Name));
        }
    }
}
