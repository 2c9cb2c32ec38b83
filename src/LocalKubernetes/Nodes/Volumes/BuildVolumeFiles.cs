using System.Text;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Environment;

namespace Slotwise.LocalKubernetes.Nodes.Volumes;

/// <summary>The files of ConfigMap, Secret, downward API and projected volumes. Pure.</summary>
public static class BuildVolumeFiles
{
    const int DefaultMode = 0b110_100_100;

    /// <returns>Null when the volume is of another sort.</returns>
    /// <exception cref="VolumeException">An object or key is missing and not optional.</exception>
    public static IReadOnlyList<VolumeFile>? Of(V1Volume volume, PodFields fields, IConfigObjects objects)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentNullException.ThrowIfNull(objects);
        return volume switch
        {
            { ConfigMap: { } map } => [.. FromConfigMap(map, map.DefaultMode, fields, objects)],
            { Secret: { } secret } => [.. FromSecret(secret.SecretName, secret.Items, secret.Optional, secret.DefaultMode, fields, objects)],
            { DownwardAPI: { } downward } => [.. FromFields(downward, downward.DefaultMode, fields)],
            { Projected: { } projected } => [.. FromAll(projected, fields, objects)],
            _ => null,
        };
    }

    static IEnumerable<VolumeFile> FromAll(V1ProjectedVolumeSource projected, PodFields fields, IConfigObjects objects) =>
        (projected.Sources ?? []).SelectMany(source => source switch
        {
            { ConfigMap: { } map } => FromConfigMap(map, projected.DefaultMode, fields, objects),
            { Secret: { } secret } => FromSecret(secret.Name, secret.Items, secret.Optional, projected.DefaultMode, fields, objects),
            { DownwardAPI: { } downward } => FromFields(downward, projected.DefaultMode, fields),
            { ServiceAccountToken: { } token } => [new VolumeFile(token.Path, objects.Token(fields.Pod, token), projected.DefaultMode ?? DefaultMode)],
            _ => [],
        });

    static IEnumerable<VolumeFile> FromConfigMap(V1ConfigMapVolumeSource source, int? mode, PodFields fields, IConfigObjects objects)
    {
        var name = new NamespacedName(fields.Pod.Metadata.NamespaceProperty ?? "", source.Name ?? "");
        var map = objects.ConfigMap(name);
        if (map is null)
        {
            return source.Optional == true ? [] : throw new VolumeException($"configmap \"{source.Name}\" not found");
        }

        var content = new Dictionary<string, byte[]>();
        foreach (var (key, text) in map.Data ?? new Dictionary<string, string>())
        {
            content[key] = Encoding.UTF8.GetBytes(text);
        }

        foreach (var (key, base64) in map.BinaryData ?? new Dictionary<string, string>())
        {
            content[key] = Convert.FromBase64String(base64);
        }

        return Choose(content, source.Items, source.Optional, mode ?? DefaultMode, "configmap references non-existent config key");
    }

    static IEnumerable<VolumeFile> FromSecret(string? secretName, IReadOnlyList<V1KeyToPath>? items, bool? optional, int? mode, PodFields fields, IConfigObjects objects)
    {
        var name = new NamespacedName(fields.Pod.Metadata.NamespaceProperty ?? "", secretName ?? "");
        var secret = objects.Secret(name);
        return secret is null
            ? optional == true ? [] : throw new VolumeException($"secret \"{secretName}\" not found")
            : Choose(secret.Data ?? new Dictionary<string, byte[]>(), items, optional, mode ?? DefaultMode, "references non-existent secret key");
    }

    static IEnumerable<VolumeFile> FromFields(V1DownwardAPIVolumeSource source, int? mode, PodFields fields)
    {
        foreach (var item in source.Items ?? [])
        {
            var value = "";
            var known = item.FieldRef is { } field
                ? fields.TryGet(field.FieldPath, out value)
                : item.ResourceFieldRef is { } resource
                    && fields.Pod.Spec?.Containers.FirstOrDefault(container => container.Name == resource.ContainerName) is { } container
                    && fields.TryGet(resource, container, out value);
            if (!known)
            {
                throw new VolumeException($"field label not supported: {item.FieldRef?.FieldPath ?? item.ResourceFieldRef?.Resource}");
            }

            yield return new VolumeFile(item.Path, Encoding.UTF8.GetBytes(value), item.Mode ?? mode ?? DefaultMode);
        }
    }

    static IEnumerable<VolumeFile> Choose(IReadOnlyDictionary<string, byte[]> content, IReadOnlyList<V1KeyToPath>? items, bool? optional, int mode, string complaint)
    {
        if (items is null)
        {
            return content.Select(pair => new VolumeFile(pair.Key, pair.Value, mode));
        }

        var missing = items.FirstOrDefault(item => !content.ContainsKey(item.Key));
        return missing is not null && optional != true
            ? throw new VolumeException($"{complaint}: {missing.Key}")
            : items.Where(item => content.ContainsKey(item.Key)).Select(item => new VolumeFile(item.Path, content[item.Key], item.Mode ?? mode));
    }
}
