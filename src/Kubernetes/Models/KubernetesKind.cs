using System.Reflection;

namespace Slotwise.Kubernetes.Models;

/// <summary>A kind and where the API serves it.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">Such as <c>v1</c>.</param>
/// <param name="Kind">Such as <c>StatefulSet</c>.</param>
/// <param name="Plural">Such as <c>statefulsets</c>.</param>
/// <param name="Namespaced">Whether its objects live in a namespace.</param>
public sealed record KubernetesKind(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary>As written in an object's <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind of a model type.</summary>
    /// <exception cref="InvalidOperationException">The type has no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static KubernetesKind Of<T>()
        where T : class, IKubernetesObject<T> => Cache<T>.Value;

    /// <summary>The path under which the API serves objects of this kind: the collection, or one object, or a part of it.</summary>
    public string Path(string? ns, string? name = null, string? subresource = null)
    {
        var path = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        if (Namespaced && ns is not null)
        {
            path += $"/namespaces/{ns}";
        }

        path += $"/{Plural}";
        if (name is not null)
        {
            path += $"/{Uri.EscapeDataString(name)}";
        }

        return subresource is null ? path : $"{path}/{subresource}";
    }

    static class Cache<T>
        where T : class, IKubernetesObject<T>
    {
        public static readonly KubernetesKind Value = Read();

        static KubernetesKind Read()
        {
            var entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
                ?? throw new InvalidOperationException($"{typeof(T).Name} has no [KubernetesEntity]");
            return new KubernetesKind(entity.Group, entity.ApiVersion, entity.Kind, entity.PluralName, entity.Namespaced);
        }
    }
}
