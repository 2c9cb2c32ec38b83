using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Apply;

/// <summary>Writes a desired object only when the live one differs from it.</summary>
public sealed class ObjectApplier(IKubernetesApi api)
{
    /// <summary>Under this name the server records which fields are ours.</summary>
    public const string FieldManager = "slotwise";

    /// <summary>
    /// Carries a hash of the object as it was applied last: a field that is no longer desired is a difference that
    /// looking at the desired fields cannot find.
    /// </summary>
    public const string StampAnnotation = "slotwise.dev/applied";

    static readonly KnownAnswers Applications = new();
    static readonly KnownAnswers Origins = new();

    /// <param name="desired">Name and the fields to own; no resourceVersion, no status.</param>
    /// <param name="live">What a cache has; null when there is none. What the cache's transform cut off counts as missing.</param>
    /// <returns>The object as it is now, and whether it was written.</returns>
    /// <exception cref="KubernetesApiException">The server refused.</exception>
    public async Task<Applied<T>> ApplyIfChangedAsync<T>(T desired, T? live, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(desired);
        if (live is not null && IsApplied(desired, live))
        {
            return new Applied<T>(live, Written: false);
        }

        var stamped = Stamp(JsonSerializer.SerializeToNode(desired, T.JsonTypeInfo)!.AsObject());
        var obj = stamped.Deserialize(T.JsonTypeInfo)!;
        var applied = await api.ApplyAsync(obj, new ApplyOptions { FieldManager = FieldManager }, cancellationToken);

        // A server that writes a value in another form than it was given looks different for ever and changes nothing.
        return new Applied<T>(applied, Written: live is null || applied.Metadata.ResourceVersion != live.Metadata.ResourceVersion);
    }

    /// <summary>Whether the live object was last applied from just this desired one, whatever others have changed about it since.</summary>
    public static bool IsMadeFrom<T>(T desired, T live)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(desired);
        ArgumentNullException.ThrowIfNull(live);
        return live.Metadata.Annotations is { } annotations
            && annotations.TryGetValue(StampAnnotation, out var stamp)
            && Origins.Of(desired, live, T.JsonTypeInfo, () => stamp == ContentHash.Of(JsonSerializer.SerializeToNode(desired, T.JsonTypeInfo)!.AsObject()));
    }

    /// <summary>Whether applying would change nothing: every desired field is there, and none is left of an earlier desired state.</summary>
    public static bool IsApplied<T>(T desired, T? live)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(desired);
        return live is not null && Applications.Of(desired, live, T.JsonTypeInfo, () => DesiredState.IsSatisfiedBy(
            Stamp(JsonSerializer.SerializeToNode(desired, T.JsonTypeInfo)!.AsObject()),
            JsonSerializer.SerializeToNode(live, T.JsonTypeInfo)));
    }

    /// <summary>The stamp becomes one of the desired fields, so that one comparison answers for both.</summary>
    static JsonObject Stamp(JsonObject desired)
    {
        var stamp = ContentHash.Of(desired);
        var metadata = desired["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations)
        {
            metadata["annotations"] = annotations = [];
        }

        annotations[StampAnnotation] = stamp;
        return desired;
    }
}

/// <summary>An object after <see cref="ObjectApplier.ApplyIfChangedAsync"/>.</summary>
public readonly record struct Applied<T>(T Object, bool Written);
