using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Discovery;

/// <summary>A kind that the API server has now, as it says itself.</summary>
/// <param name="Kind">What it is and where.</param>
/// <param name="Verbs">What can be done with its objects.</param>
/// <param name="Parts">Its subresources, such as <c>scale</c>.</param>
public sealed record ServedKind(KubernetesKind Kind, IReadOnlyList<string> Verbs, IReadOnlyList<string> Parts)
{
    /// <summary>Tells kinds apart whatever version they are read in.</summary>
    public string GroupResource => Kind.Group.Length == 0 ? Kind.Plural : $"{Kind.Plural}.{Kind.Group}";

    public bool Can(params IEnumerable<string> verbs) => verbs.All(Verbs.Contains);
}

/// <summary>What is known of an object of any kind.</summary>
public sealed record AnyObject(ServedKind Kind, V1ObjectMeta Metadata)
{
    public string Path => Kind.Kind.Path(Metadata.NamespaceProperty, Metadata.Name);
}
