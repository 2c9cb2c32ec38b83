using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// The failovers of a shard that Redis' elections may still remember, as noted on its StatefulSet: those that the operator asked for, before it asked, and
/// those of others since they were first seen. The next one must not come too soon (law 13), even if the operator dies in between.
/// </summary>
/// <param name="Notes">The oldest first.</param>
public sealed record FailoverHistory(IReadOnlyList<FailoverNote> Notes)
{
    /// <summary>Four times the longest cluster-node-timeout that may be configured: nobody remembers an older election.</summary>
    static readonly TimeSpan Memory = TimeSpan.FromMinutes(4);

    /// <summary>What is noted on the set; what cannot be read is left out.</summary>
    public static FailoverHistory Of(V1StatefulSet? set)
    {
        var text = set?.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.FailoverAnnotation) ?? "";
        return new FailoverHistory([.. text.Split(", ").Select(FailoverNote.Parse).OfType<FailoverNote>()]);
    }

    public FailoverNote? Last => Notes.Count == 0 ? null : Notes[^1];

    /// <summary>When the node last stood in an election of which the operator knows.</summary>
    public DateTimeOffset? LastOf(NodeId candidate) => Notes.LastOrDefault(note => note.Candidate == candidate)?.At;

    /// <summary>When somebody last was to relieve the node.</summary>
    public DateTimeOffset? LastFor(NodeId master) => Notes.LastOrDefault(note => note.Master == master)?.At;

    /// <summary>The same with one more; those that nobody remembers at its time are left out.</summary>
    public FailoverHistory With(FailoverNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        return new FailoverHistory([.. Notes.Where(earlier => note.At - earlier.At < Memory), note]);
    }

    /// <summary>
    /// Notes it on the set, unless a failover is noted there that this one does not know of: the cache may be behind, or another operator at work. Between the look and
    /// the write nobody else gets in.
    /// </summary>
    public async Task<StepOutcome> NoteAsync(StatefulSetReference set, string purpose, StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var live = await LiveObjects.FindAsync<V1StatefulSet>(context.Kubernetes, new V1ObjectMeta { Name = set.Name, NamespaceProperty = set.Namespace }, cancellationToken);
            if (Of(live).Last is { } last && !Notes.Contains(last) && Notes[^1].At - last.At < Memory)
            {
                return StepOutcome.Skipped($"another failover of the shard of StatefulSet {set} was asked for meanwhile");
            }

            var notes = new SortedDictionary<string, string?>(StringComparer.Ordinal) { [ClusterMetadata.FailoverAnnotation] = ToString() };
            return await new ChangeStatefulSet(set, notes, purpose) { ResourceVersion = live?.Metadata.ResourceVersion }.ExecuteAsync(context, cancellationToken);
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, purpose);
        }
    }

    /// <summary>The notes.</summary>
    public override string ToString() => string.Join(", ", Notes);
}
