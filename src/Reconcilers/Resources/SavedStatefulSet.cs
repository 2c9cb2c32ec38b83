using System.Text.Json;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Resources;

/// <summary>
/// A StatefulSet that is made again because its claim template, which nobody can change, asks for volumes of another size. What it shall be is written on a
/// claim of the shard before the old one goes: whoever comes after a crash makes it from the template that its running pods came from, with the notes that it
/// had, and it takes its pods back as they are.
/// </summary>
/// <param name="Set">What it shall be, with the notes of the old one; its uid is that of the old one.</param>
/// <param name="Claim">The claim that carries the note.</param>
public sealed record SavedStatefulSet(V1StatefulSet Set, V1PersistentVolumeClaim Claim)
{
    /// <summary>On a claim while the StatefulSet of its shard is made again.</summary>
    public const string Annotation = "slotwise.dev/statefulset";

    /// <summary>The notes that it had; they are written on it again by themselves, so that they stay notes and do not become part of what is applied.</summary>
    public IReadOnlyDictionary<string, string> Notes => Set.Metadata.Annotations ?? EmptyNotes;

    /// <summary>As it is applied.</summary>
    public V1StatefulSet Desired => Set with { Metadata = Set.Metadata with { Uid = null, Annotations = null } };

    static SortedDictionary<string, string> EmptyNotes { get; } = [];

    /// <summary>What is saved for a shard of this very cluster; null where nothing is.</summary>
    public static SavedStatefulSet? Find(ClusterObservation observation, int shard)
    {
        ArgumentNullException.ThrowIfNull(observation);
        var name = ClusterNames.Shard(observation.Key.Name, shard);
        return All(observation).FirstOrDefault(saved => saved.Set.Metadata.Name == name);
    }

    /// <summary>All that is saved for this very cluster.</summary>
    public static IEnumerable<SavedStatefulSet> All(ClusterObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        foreach (var claim in observation.Objects.Claims)
        {
            if (TryRead(claim, out var set) && set!.Metadata.IsControlledBy(observation.Cluster.Metadata.Uid))
            {
                yield return new SavedStatefulSet(set, claim);
            }
        }
    }

    /// <summary>The note for a StatefulSet that shall be made again.</summary>
    /// <param name="desired">What it shall be.</param>
    /// <param name="live">What it is, with its notes.</param>
    public static string Write(V1StatefulSet desired, V1StatefulSet live)
    {
        ArgumentNullException.ThrowIfNull(desired);
        ArgumentNullException.ThrowIfNull(live);
        var notes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in live.Metadata.Annotations ?? EmptyNotes)
        {
            if (name != ObjectApplier.StampAnnotation)
            {
                notes[name] = value;
            }
        }

        return JsonSerializer.Serialize(desired with { Metadata = desired.Metadata with { Uid = live.Metadata.Uid, Annotations = notes } }, V1StatefulSet.JsonTypeInfo);
    }

    /// <summary>Somebody may have written anything there: what cannot be read is no note.</summary>
    static bool TryRead(V1PersistentVolumeClaim claim, out V1StatefulSet? set)
    {
        set = null;
        if (claim.Metadata.Annotations?.GetValueOrDefault(Annotation) is not { } text)
        {
            return false;
        }

        try
        {
            set = JsonSerializer.Deserialize(text, V1StatefulSet.JsonTypeInfo);
            return set?.Spec is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
