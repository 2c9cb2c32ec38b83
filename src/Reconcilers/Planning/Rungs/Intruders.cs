using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 3: live nodes of another cluster that got into our gossip, such as through an address that changed hands (redis #6174). Before all other healing, because
/// every pass that they stay mixes the clusters further: slots, epochs and followers. Only who answered and proved another cluster is one; who is
/// unknown or silent is not.
/// </summary>
public static class Intruders
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var uid = view.Observation.Cluster.Metadata.Uid;
        var intruders = view.Observation.Strangers.Where(stranger => stranger.ClusterUid is { } proved && proved != uid).ToList();
        if (intruders.Count == 0)
        {
            return RungAnswer.Nothing;
        }

        var steps = new List<IStep>();
        var refusals = new List<Refusal>
        {
            new("Intruder", $"{string.Join(", ", intruders.Select(intruder => $"node {intruder.Id} at {intruder.Endpoint} of cluster {intruder.ClusterUid}"))} got into the gossip of this cluster and is forgotten on all nodes; look for what lets clusters reach each other's bus ports, such as a missing NetworkPolicy"),
        };
        foreach (var member in view.Members)
        {
            List<NodeId> known = [.. intruders.Select(intruder => intruder.Id).Where(id => member.Server.Nodes.Find(id) is not null && member.Server.Myself.MasterId != id)];
            if (known.Count > 0)
            {
                steps.Add(new ForgetNodes(member.Reference, known, AreForeign: true));
            }

            if (intruders.Exists(intruder => member.Server.Myself.MasterId == intruder.Id))
            {
                refusals.Add(new Refusal("Intruder", $"{member} follows node {member.Server.Myself.MasterId} of another cluster, which cannot be forgotten there: delete the pod, it joins again as an empty replica"));
            }
        }

        return new RungAnswer(steps, [], refusals);
    }
}
