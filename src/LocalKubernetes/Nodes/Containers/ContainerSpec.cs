using Slotwise.LocalKubernetes.Images;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>A container with everything looked up and expanded: what the runtime needs to start it.</summary>
public sealed record ContainerSpec
{
    public static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>();

    public required string Name { get; init; }

    public required string Hostname { get; init; }

    /// <summary>The file of the pod's network namespace.</summary>
    public required string NetworkNamespacePath { get; init; }

    public required ContainerImage Image { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The whole environment. May hold secrets: it must not become part of a command line.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>What the container's programs get on top, and the programs that set it up must not. It becomes part of a command line: no secrets.</summary>
    public IReadOnlyDictionary<string, string> ProgramEnvironment { get; init; } = NoVariables;

    public required string WorkingDirectory { get; init; }

    public required ContainerUser User { get; init; }

    public required IReadOnlyList<string> Capabilities { get; init; }

    public required bool ReadOnlyRootFilesystem { get; init; }

    /// <summary>Volumes, and the files that every pod gets (hosts, resolv.conf, hostname, termination log).</summary>
    public required IReadOnlyList<ContainerMount> Mounts { get; init; }

    /// <summary>A directory of this one run, for what the image may write to.</summary>
    public required string RunDirectory { get; init; }

    public required string LogPath { get; init; }
}

/// <summary>A file or directory of the host inside a container.</summary>
public sealed record ContainerMount(string Source, string Target, bool ReadOnly);

/// <summary>Who a container's processes are.</summary>
public sealed record ContainerUser(long User, long Group, IReadOnlyList<long> SupplementaryGroups);
