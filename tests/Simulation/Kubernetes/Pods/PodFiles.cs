using System.Text;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Environment;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Pods;

/// <summary>The volumes of a pod. Those that show objects are snapshots, brought up to date as late as a kubelet does it.</summary>
sealed class PodFiles(PodRun pod)
{
    readonly SortedDictionary<string, Volume> _volumes = new(StringComparer.Ordinal);
    readonly SortedDictionary<(string Volume, string File), string> _files = [];
    TimeSpan? _waitsSince;
    bool _isMounted;
    bool _refreshing;

    public IReadOnlyDictionary<string, Volume> Volumes => _volumes;

    IEnumerable<V1Volume> All => pod.Pod.Spec?.Volumes ?? [];

    string Namespace => pod.Pod.Metadata.NamespaceProperty ?? "";

    public string? Read(string volume, string file) => _files.GetValueOrDefault((volume, file));

    /// <summary>False while something that a volume needs is missing or elsewhere.</summary>
    public bool TryMount()
    {
        _waitsSince ??= pod.World.Simulator.Now;
        foreach (var volume in All)
        {
            if (volume.PersistentVolumeClaim is { } source && !TryAttach(volume.Name, source.ClaimName))
            {
                return false;
            }

            if (volume.EmptyDir is not null)
            {
                _volumes[volume.Name] = pod.Host.Directory(pod.Uid, volume.Name);
            }
        }

        _isMounted = TryShow();
        return _isMounted;
    }

    /// <summary>The pod's object is another one now.</summary>
    public void Hear(V1Pod before, V1Pod after)
    {
        if (_isMounted && !ReferenceEquals(before.Metadata.Annotations, after.Metadata.Annotations) && All.Any(volume => volume.DownwardAPI is not null))
        {
            pod.Later(pod.World.Draw(pod.World.Delays.FieldSync), ShowFields);
        }
    }

    /// <summary>A ConfigMap or Secret changed.</summary>
    public void HearObject(string name)
    {
        if (_isMounted && !_refreshing && All.Any(volume => volume.ConfigMap?.Name == name || volume.Secret?.SecretName == name))
        {
            _refreshing = true;
            Refresh();
        }
    }

    void Refresh() => pod.Later(pod.World.Draw(pod.World.Delays.VolumeSync), () =>
    {
        if (!pod.Host.ReachesApi)
        {
            Refresh();
            return;
        }

        _refreshing = false;
        TryShow();
    });

    bool TryAttach(string name, string claimName)
    {
        if (pod.World.Caches.Claims.Get(new NamespacedName(Namespace, claimName)) is not { Status.Phase: "Bound" } claim)
        {
            return false;
        }

        if (pod.World.Disks.HostOf(claim) is { } other && other != pod.Host.Name && pod.World.ControlPlane.MayDetach(other, pod.World.Simulator.Now - _waitsSince!.Value))
        {
            pod.World.Disks.DetachAll(other);
        }

        if (!pod.World.Disks.TryAttach(claim, pod.Host.Name, pod.Uid, out var volume))
        {
            return false;
        }

        _volumes[name] = volume;
        return true;
    }

    /// <summary>Takes over what the objects say now; nothing while one is missing.</summary>
    bool TryShow()
    {
        var files = new List<((string, string), string)>();
        foreach (var volume in All)
        {
            if (volume.ConfigMap is { } map)
            {
                var found = pod.World.Caches.ConfigMaps.Get(new NamespacedName(Namespace, map.Name ?? ""));
                if (found is null && map.Optional != true)
                {
                    return false;
                }

                files.AddRange((found?.Data ?? new Dictionary<string, string>()).Select(entry => ((volume.Name, entry.Key), entry.Value)));
            }
            else if (volume.Secret is { } secret)
            {
                var found = pod.World.Caches.Secrets.Get(new NamespacedName(Namespace, secret.SecretName ?? ""));
                if (found is null && secret.Optional != true)
                {
                    return false;
                }

                files.AddRange((found?.Data ?? new Dictionary<string, byte[]>()).Select(entry => ((volume.Name, entry.Key), Encoding.UTF8.GetString(entry.Value))));
            }
        }

        _files.Clear();
        foreach (var (file, content) in files)
        {
            _files[file] = content;
        }

        ShowFields();
        return true;
    }

    void ShowFields()
    {
        var fields = new PodFields(pod.Pod, pod.Address ?? "", pod.Host.Name, new Dictionary<string, Quantity>());
        foreach (var volume in All.Where(volume => volume.DownwardAPI is not null))
        {
            foreach (var item in volume.DownwardAPI!.Items ?? [])
            {
                var path = item.FieldRef?.FieldPath ?? "";
                _files[(volume.Name, item.Path)] = fields.TryGet(path, out var value) ? value : throw new NotSupportedException($"a volume that shows {path}");
            }
        }
    }
}
