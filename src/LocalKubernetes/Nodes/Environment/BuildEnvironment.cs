using System.Text;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Environment;

/// <summary>The environment that a container's own description asks for.</summary>
public static class BuildEnvironment
{
    /// <exception cref="ContainerConfigException">An object, a key or a field is missing and not optional.</exception>
    public static IReadOnlyDictionary<string, string> Of(V1Container container, PodFields fields, IConfigObjects objects)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentNullException.ThrowIfNull(objects);
        var environment = new Dictionary<string, string>();
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in ReadAll(source, fields, objects))
            {
                environment[source.Prefix + name] = value;
            }
        }

        var links = new Dictionary<string, string>();
        foreach (var (name, value) in ServiceVariables.Of(fields.Pod, objects.Services))
        {
            links[name] = value;
        }

        // only what stands before it in the same list can be referred to, not what came from a source
        var earlier = new Dictionary<string, string>(links);
        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is { } from ? Read(from, container, fields, objects) : ExpandVariables.In(variable.Value ?? "", earlier);
            if (value is not null)
            {
                earlier[variable.Name] = value;
                environment[variable.Name] = value;
            }
        }

        foreach (var (name, value) in links)
        {
            environment.TryAdd(name, value);
        }

        return environment;
    }

    static IEnumerable<KeyValuePair<string, string>> ReadAll(V1EnvFromSource source, PodFields fields, IConfigObjects objects)
    {
        if (source.ConfigMapRef is { } map)
        {
            var found = objects.ConfigMap(Named(fields, map.Name)) ?? Missing<V1ConfigMap>(map.Optional, $"configmap \"{map.Name}\" not found");
            return found?.Data ?? new Dictionary<string, string>();
        }

        if (source.SecretRef is { } secret)
        {
            var found = objects.Secret(Named(fields, secret.Name)) ?? Missing<V1Secret>(secret.Optional, $"secret \"{secret.Name}\" not found");
            return found?.Data?.Select(pair => KeyValuePair.Create(pair.Key, Encoding.UTF8.GetString(pair.Value))) ?? [];
        }

        return [];
    }

    static string? Read(V1EnvVarSource from, V1Container container, PodFields fields, IConfigObjects objects)
    {
        if (from.FieldRef is { } field)
        {
            return fields.TryGet(field.FieldPath, out var value) ? value : throw new ContainerConfigException($"field label not supported: {field.FieldPath}");
        }

        if (from.ResourceFieldRef is { } resource)
        {
            var named = resource.ContainerName is null ? container : fields.Pod.Spec?.Containers.FirstOrDefault(one => one.Name == resource.ContainerName) ?? container;
            return fields.TryGet(resource, named, out var value) ? value : throw new ContainerConfigException($"unsupported container resource: {resource.Resource}");
        }

        if (from.ConfigMapKeyRef is { } mapKey)
        {
            var map = objects.ConfigMap(Named(fields, mapKey.Name)) ?? Missing<V1ConfigMap>(mapKey.Optional, $"configmap \"{mapKey.Name}\" not found");
            return map?.Data?.GetValueOrDefault(mapKey.Key)
                ?? Missing<string>(mapKey.Optional, $"couldn't find key {mapKey.Key} in ConfigMap {Named(fields, mapKey.Name)}");
        }

        if (from.SecretKeyRef is { } secretKey)
        {
            var secret = objects.Secret(Named(fields, secretKey.Name)) ?? Missing<V1Secret>(secretKey.Optional, $"secret \"{secretKey.Name}\" not found");
            return secret?.Data?.GetValueOrDefault(secretKey.Key) is { } bytes
                ? Encoding.UTF8.GetString(bytes)
                : Missing<string>(secretKey.Optional, $"couldn't find key {secretKey.Key} in Secret {Named(fields, secretKey.Name)}");
        }

        return "";
    }

    static NamespacedName Named(PodFields fields, string? name) => new(fields.Pod.Metadata.NamespaceProperty ?? "", name ?? "");

    static T? Missing<T>(bool? optional, string message)
        where T : class => optional == true ? null : throw new ContainerConfigException(message);
}
