using System.Text.Json.Serialization.Metadata;

namespace Slotwise.Kubernetes.Models;

/// <summary>An object of the Kubernetes API.</summary>
public interface IKubernetesObject
{
    string ApiVersion { get; }

    string Kind { get; }

    V1ObjectMeta Metadata { get; }
}

/// <summary>A kind that the client can read and write without reflection. The type carries <see cref="KubernetesEntityAttribute"/>.</summary>
/// <remarks>
/// A property that is never null writes its default twice, <c>{ get; init => field = value ?? X; } = X</c>: generated readers set every
/// init-only property, also those that are not on the wire, and would leave null there.
/// </remarks>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IKubernetesObject<TSelf> : IKubernetesObject
    where TSelf : class, IKubernetesObject<TSelf>
{
    /// <summary>How this kind is written and read; from a source-generated context with <see cref="Json.KubernetesJson"/>'s conventions.</summary>
    static abstract JsonTypeInfo<TSelf> JsonTypeInfo { get; }
}
