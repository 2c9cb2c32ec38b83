using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Environment;
using Slotwise.LocalKubernetes.Nodes.Faults;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>A container of a pod with everything looked up, ready to start.</summary>
public static class BuildContainerSpec
{
    /// <param name="container">As the pod describes it.</param>
    /// <param name="image">Its image.</param>
    /// <param name="fields">What the pod may learn about itself.</param>
    /// <param name="objects">ConfigMaps and Secrets.</param>
    /// <param name="address">The pod's place in the network.</param>
    /// <param name="volumes">The pod's volumes as directories, by name.</param>
    /// <param name="files">Where this run's own files are.</param>
    /// <exception cref="ContainerConfigException">The description cannot be carried out.</exception>
    public static ContainerSpec Of(
        V1Container container,
        ContainerImage image,
        PodFields fields,
        IConfigObjects objects,
        PodAddress address,
        IReadOnlyDictionary<string, string> volumes,
        ContainerFiles files)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(volumes);
        ArgumentNullException.ThrowIfNull(files);
        var pod = fields.Pod;
        var user = UserOf(container, pod, image);
        var own = BuildEnvironment.Of(container, fields, objects);
        var hostname = HostnameOf(pod);
        var environment = new Dictionary<string, string>(image.Environment) { ["HOSTNAME"] = hostname, ["HOME"] = user.User == 0 ? "/root" : "/" };
        foreach (var (name, value) in own)
        {
            environment[name] = value;
        }

        var mounts = (container.VolumeMounts ?? []).Select(mount => MountOf(mount, volumes)).ToList();
        AddFile(files.Hosts, "/etc/hosts", readOnly: true);
        AddFile(files.Hostname, "/etc/hostname", readOnly: true);
        AddFile(files.ResolvConf, "/etc/resolv.conf", readOnly: true);
        AddFile(files.TerminationMessage, container.TerminationMessagePath ?? "/dev/termination-log", readOnly: false);
        if (files.Clock is { } clock)
        {
            mounts.AddRange(PodClock.Mounts(clock));
        }

        return new ContainerSpec
        {
            Name = container.Name,
            Hostname = hostname,
            NetworkNamespacePath = address.NamespacePath,
            Image = image,
            Command = CommandOf(container, image, own),
            Environment = environment,
            ProgramEnvironment = files.Clock is null ? ContainerSpec.NoVariables : PodClock.Environment,
            WorkingDirectory = container.WorkingDir is { Length: > 0 } directory ? directory : image.WorkingDirectory,
            User = user,
            Capabilities = user.User == 0 ? Capabilities.Of(container.SecurityContext?.Capabilities) : [],
            ReadOnlyRootFilesystem = container.SecurityContext?.ReadOnlyRootFilesystem == true,
            Mounts = mounts,
            RunDirectory = files.RunDirectory,
            LogPath = files.Log,
        };

        void AddFile(string source, string target, bool readOnly)
        {
            if (!mounts.Any(mount => mount.Target == target))
            {
                mounts.Add(new ContainerMount(source, target, readOnly));
            }
        }
    }

    /// <summary>What the containers of a pod take for the machine's name.</summary>
    public static string HostnameOf(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var name = ShortNameOf(pod);
        return pod.Spec is { SetHostnameAsFQDN: true, Subdomain.Length: > 0 } ? BuildNameFiles.FullNameOf(pod, name) : name;
    }

    /// <summary>A pod's own name in the network.</summary>
    public static string ShortNameOf(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var name = pod.Spec?.Hostname is { Length: > 0 } own ? own : pod.Metadata.Name ?? "pod";
        // a hostname is one label; the kubelet cuts longer pod names too
        return name.Length > 63 ? name[..63].TrimEnd('-', '.') : name;
    }

    static List<string> CommandOf(V1Container container, ContainerImage image, IReadOnlyDictionary<string, string> values)
    {
        var hasCommand = container.Command is { Count: > 0 };
        var hasArguments = container.Args is { Count: > 0 };
        var program = hasCommand ? container.Command! : image.Entrypoint;
        var arguments = hasArguments ? container.Args! : hasCommand ? [] : image.Command;
        var command = program.Concat(arguments).Select(part => ExpandVariables.In(part, values)).ToList();
        return command.Count > 0 ? command : throw new ContainerConfigException("no command specified");
    }

    static ContainerUser UserOf(V1Container container, V1Pod pod, ContainerImage image)
    {
        var own = container.SecurityContext;
        var shared = pod.Spec?.SecurityContext;
        var user = own?.RunAsUser ?? shared?.RunAsUser ?? image.User;
        if ((own?.RunAsNonRoot ?? shared?.RunAsNonRoot) == true && user == 0)
        {
            var which = $"(pod: \"{pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})\", container: {container.Name})";
            throw new ContainerConfigException((own?.RunAsUser ?? shared?.RunAsUser) is null
                ? $"container has runAsNonRoot and image will run as root {which}"
                : $"container's runAsUser breaks non-root policy {which}");
        }

        if (own?.Privileged == true || pod.Spec is { HostNetwork: true } or { HostPID: true } or { HostIPC: true } or { ShareProcessNamespace: true })
        {
            throw new ContainerConfigException("localkube has no privileged containers, no host's namespaces (hostNetwork, hostPID, hostIPC) and no shareProcessNamespace: Kubernetes has");
        }

        var group = own?.RunAsGroup ?? shared?.RunAsGroup ?? (user == image.User ? image.Group : 0);
        var groups = new List<long>(shared?.SupplementalGroups ?? []);
        if (shared?.FsGroup is { } volumes)
        {
            groups.Add(volumes);
        }

        return new ContainerUser(user, group, [.. groups.Distinct()]);
    }

    static ContainerMount MountOf(V1VolumeMount mount, IReadOnlyDictionary<string, string> volumes)
    {
        if (!volumes.TryGetValue(mount.Name, out var source))
        {
            throw new ContainerConfigException($"volume \"{mount.Name}\" of mount {mount.MountPath} does not exist");
        }

        if (mount.SubPath is { Length: > 0 } subPath)
        {
            var path = Path.GetFullPath(Path.Combine(source, subPath));
            if (!path.StartsWith(source + "/", StringComparison.Ordinal))
            {
                throw new ContainerConfigException($"subPath \"{subPath}\" leads out of volume \"{mount.Name}\"");
            }

            if (!Path.Exists(path))
            {
                Directory.CreateDirectory(path);
                // whoever may write to the volume may write there
                File.SetUnixFileMode(path, File.GetUnixFileMode(source));
            }

            source = path;
        }

        return new ContainerMount(source, mount.MountPath, mount.ReadOnly == true);
    }
}

/// <summary>The files of one run of a container on the host.</summary>
/// <param name="Clock">Of a pod with a clock of its own.</param>
public sealed record ContainerFiles(string RunDirectory, string Hosts, string Hostname, string ResolvConf, string TerminationMessage, string Log, string? Clock = null);
