using System.Runtime.CompilerServices;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Simulation.Mutants;

/// <summary>Mutants that write to the API server wrongly.</summary>
static class KubernetesMutants
{
    public static IEnumerable<Mutant> All =>
    [
        new Mutant("remember a decision only in the process", "failovers that were asked for are noted in the process and not on the StatefulSet")
        {
            Kubernetes = api => new ForgetfulApi(api, Memory.Of),
            Plan = plan => observation => plan(Remember(observation)),
        },
        new Mutant("a second FAILOVER too soon", "failovers that were asked for are noted nowhere")
        {
            Kubernetes = api => new ForgetfulApi(api, () => new SortedDictionary<string, string>(StringComparer.Ordinal)),
        },
    ];

    static ClusterObservation Remember(ClusterObservation observation) => observation with
    {
        Objects = observation.Objects with { StatefulSets = [.. observation.Objects.StatefulSets.Select(set => Memory.Of().TryGetValue(set.Metadata.Name!, out var note) ? With(set, note) : set)] },
    };

    static V1StatefulSet With(V1StatefulSet set, string note) => set with
    {
        Metadata = set.Metadata with
        {
            Annotations = new SortedDictionary<string, string>((set.Metadata.Annotations ?? new SortedDictionary<string, string>()).ToDictionary(), StringComparer.Ordinal) { [ClusterMetadata.FailoverAnnotation] = note },
        },
    };

    /// <summary>What each process remembers: it is gone with it.</summary>
    static class Memory
    {
        static readonly ConditionalWeakTable<SynchronizationContext, SortedDictionary<string, string>> Notes = [];

        public static SortedDictionary<string, string> Of() => Notes.GetValue(SynchronizationContext.Current!, _ => new SortedDictionary<string, string>(StringComparer.Ordinal));
    }
}
