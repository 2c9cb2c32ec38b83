using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>The templates that a set has and had, as ControllerRevisions.</summary>
sealed class SetHistory(IKubernetesApi api, IObjectCache<ControllerRevisionDocument> revisions)
{
    const int DefaultLimit = 10;

    readonly Adoption<StatefulSetDocument, ControllerRevisionDocument> _adoption = new(api, revisions);

    /// <param name="All">In their order, oldest first.</param>
    /// <param name="Current">What the set's pods come from.</param>
    /// <param name="Update">What they are to become.</param>
    /// <param name="Collisions">How many names were taken by others.</param>
    public sealed record Present(IReadOnlyList<ControllerRevisionDocument> All, ControllerRevisionDocument Current, ControllerRevisionDocument Update, int Collisions);

    /// <summary>Reads the history, and writes the present template into it if it is new.</summary>
    public async Task<Present> EnsureAsync(StatefulSetDocument set, CancellationToken cancellationToken)
    {
        var own = (await _adoption.ClaimAsync(set, revision => Labels.Match(set.Spec.Selector, revision.Metadata.Labels), cancellationToken))
            .OrderBy(revision => revision.Revision).ThenBy(revision => revision.Metadata.CreationTimestamp).ThenBy(revision => revision.Metadata.Name, StringComparer.Ordinal).ToList();
        var data = SetRevision.DataOf(set);
        var next = own.Count == 0 ? 1 : own[^1].Revision + 1;
        var collisions = set.Status?.CollisionCount ?? 0;
        var update = own.FindLast(revision => JsonNode.DeepEquals(revision.Data, data));
        if (update is null)
        {
            (update, collisions) = await CreateAsync(set, data, next, collisions, cancellationToken);
        }
        else if (!ReferenceEquals(update, own[^1]))
        {
            // the template of earlier is the newest again
            update = await api.MergePatchAsync<ControllerRevisionDocument>(set.Metadata.NamespaceProperty, update.Metadata.Name!, new JsonObject { ["revision"] = next }, null, cancellationToken);
        }

        return new Present(own, own.Find(revision => revision.Metadata.Name == set.Status?.CurrentRevision) ?? update, update, collisions);
    }

    /// <summary>Removes the oldest revisions that no pod has, above the set's limit.</summary>
    public async Task TrimAsync(StatefulSetDocument set, IReadOnlyList<V1Pod> own, Present history, CancellationToken cancellationToken)
    {
        var used = own.Select(pod => pod.Metadata.Labels?.GetValueOrDefault(BuildSetPod.RevisionLabel)).Append(history.Current.Metadata.Name).Append(history.Update.Metadata.Name).ToHashSet();
        var unused = history.All.Where(revision => !used.Contains(revision.Metadata.Name)).ToList();
        foreach (var revision in unused.Take(Math.Max(0, unused.Count - (set.Spec.RevisionHistoryLimit ?? DefaultLimit))))
        {
            try
            {
                await api.DeleteAsync<ControllerRevisionDocument>(set.Metadata.NamespaceProperty, revision.Metadata.Name!, new DeleteOptions { PreconditionUid = revision.Metadata.Uid }, cancellationToken);
            }
            catch (KubernetesApiException e) when (e.IsNotFound)
            {
                // the pass before removed it, and the cache does not show that yet
            }
        }
    }

    async Task<(ControllerRevisionDocument Revision, int Collisions)> CreateAsync(StatefulSetDocument set, JsonObject data, long number, int collisions, CancellationToken cancellationToken)
    {
        while (true)
        {
            var revision = SetRevision.Build(set, (JsonObject)data.DeepClone(), number, collisions);
            try
            {
                return (await api.CreateAsync(revision, cancellationToken), collisions);
            }
            catch (KubernetesApiException e) when (e.IsAlreadyExists)
            {
                var there = await api.GetAsync<ControllerRevisionDocument>(set.Metadata.NamespaceProperty, revision.Metadata.Name!, cancellationToken);
                if (JsonNode.DeepEquals(there.Data, data))
                {
                    return (there, collisions); // made by the pass before, and the cache does not show it yet
                }

                collisions++;
            }
        }
    }
}
