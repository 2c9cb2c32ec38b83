using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Nodes.Environment;

namespace Slotwise.LocalKubernetes.Nodes.Volumes;

/// <summary>The volumes of one pod as directories of the host.</summary>
/// <param name="claimDirectory">The directory behind a bound claim; throws <see cref="VolumeException"/> while it is not bound.</param>
public sealed class PodVolumes(Instance instance, V1Pod pod, IConfigObjects objects, Func<NamespacedName, string> claimDirectory, TimeProvider time)
{
    // several containers start at once, and objects change meanwhile
    readonly Lock _gate = new();
    readonly string _uid = pod.Metadata.Uid ?? throw new ArgumentException("the pod has no uid", nameof(pod));

    public string PodDirectory => Path.Combine(instance.PodsDirectory, _uid);

    string MemoryDirectory => Path.Combine(instance.MemoryDirectory, _uid);

    /// <summary>Makes what is missing and brings the rest up to date.</summary>
    /// <returns>By the volumes' names.</returns>
    /// <exception cref="VolumeException">A volume cannot be made yet: an object or claim is missing.</exception>
    public IReadOnlyDictionary<string, string> Prepare(PodFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        lock (_gate)
        {
            return (fields.Pod.Spec?.Volumes ?? []).ToDictionary(volume => volume.Name, volume => Prepare(volume, fields));
        }
    }

    /// <summary>Writes the files of volumes that show objects again, after one of the objects changed. What is missing now stays as it was.</summary>
    /// <param name="which">The volumes to look at.</param>
    public void Refresh(PodFields fields, Func<V1Volume, bool> which)
    {
        ArgumentNullException.ThrowIfNull(fields);
        lock (_gate)
        {
            foreach (var volume in (fields.Pod.Spec?.Volumes ?? []).Where(which))
            {
                Refresh(volume, fields);
            }
        }
    }

    void Refresh(V1Volume volume, PodFields fields)
    {
        try
        {
            if (BuildVolumeFiles.Of(volume, fields, objects) is { } files)
            {
                AtomicDirectory.Write(PathOf(volume), files, FsGroup(fields.Pod), time.GetUtcNow());
            }
        }
        catch (VolumeException)
        {
            // running containers keep what they have, as with the kubelet
        }
    }

    /// <summary>Removes everything but the claims' data.</summary>
    public void Remove()
    {
        foreach (var directory in new[] { PodDirectory, MemoryDirectory }.Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    string Prepare(V1Volume volume, PodFields fields)
    {
        try
        {
            return MakeDirectory(volume, fields);
        }
        catch (VolumeException e)
        {
            throw new VolumeException($"MountVolume.SetUp failed for volume \"{volume.Name}\" : {e.Message}");
        }
    }

    string MakeDirectory(V1Volume volume, PodFields fields)
    {
        if (BuildVolumeFiles.Of(volume, fields, objects) is { } files)
        {
            AtomicDirectory.Write(PathOf(volume), files, FsGroup(fields.Pod), time.GetUtcNow());
            return PathOf(volume);
        }

        if (volume.PersistentVolumeClaim is { } claim)
        {
            var directory = claimDirectory(new NamespacedName(pod.Metadata.NamespaceProperty ?? "", claim.ClaimName));
            Directory.CreateDirectory(directory);
            GiveToGroup(directory, fields.Pod);
            return directory;
        }

        if (volume.EmptyDir is not null)
        {
            var directory = PathOf(volume);
            Directory.CreateDirectory(directory);
            const UnixFileMode ForAll = (UnixFileMode)0b111_111_111;
            File.SetUnixFileMode(directory, ForAll);
            GiveToGroup(directory, fields.Pod);
            return directory;
        }

        throw new VolumeException("only configMap, secret, downwardAPI, projected, emptyDir and persistentVolumeClaim volumes exist here");
    }

    string PathOf(V1Volume volume)
    {
        var inMemory = volume.Secret is not null || volume.Projected is not null || volume.EmptyDir?.Medium == "Memory";
        var parent = inMemory ? MemoryDirectory : Path.Combine(PodDirectory, "volumes");
        if (inMemory)
        {
            Directory.CreateDirectory(instance.MemoryDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.CreateDirectory(parent);
        return Path.Combine(parent, volume.Name);
    }

    static void GiveToGroup(string directory, V1Pod pod)
    {
        if (FsGroup(pod) is { } group)
        {
            VolumeOwnership.Give(directory, group, pod.Spec?.SecurityContext?.FsGroupChangePolicy == "OnRootMismatch");
        }
    }

    static int? FsGroup(V1Pod pod) => (int?)pod.Spec?.SecurityContext?.FsGroup;
}
