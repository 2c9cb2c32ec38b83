using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Ends a pod so that its StatefulSet makes another one from the template that it has now. Right before, its server says once more what it is: a replica that became
/// a master meanwhile is left alone (law 2).
/// </summary>
/// <param name="Namespace">Where the pod is.</param>
/// <param name="Name">The pod.</param>
/// <param name="Uid">Its uid: a successor of the same name is left alone.</param>
/// <param name="ResourceVersion">The version of the pod that was observed, for one whose server does not run: one that changed since may run by now. Null where the server is asked.</param>
/// <param name="Server">Its server; null where none runs.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record ReplacePod(string Namespace, string Name, string Uid, string? ResourceVersion, Party? Server, string Reason) : IStep
{
    public IReadOnlyList<ServerReference> Servers => Server is null ? [] : [Server.Server];

    public int Stage => Stages.Redis;

    public string Description => $"replace {Name}: {Reason}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Server is not null)
        {
            var (replies, doubt) = await context.ExecuteAsync(Server.Server, Forbid, [ServerCommands.Ping], cancellationToken);
            if (replies is null)
            {
                return StepOutcome.Skipped(doubt);
            }
        }

        try
        {
            await context.Kubernetes.DeleteAsync<V1Pod>(Namespace, Name, new DeleteOptions { PreconditionUid = Uid, PreconditionResourceVersion = ResourceVersion }, cancellationToken);
            return StepOutcome.Done("PodReplaced", $"{Name} is replaced: {Reason}");
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return StepOutcome.Skipped($"{Name} changed meanwhile");
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }

    string? Forbid(ClusterNodesTable nodes) => nodes.Myself switch
    {
        null => $"{Name} does not list itself",
        var myself when myself.Id != Server!.Id => $"{Name} is another node by now",
        { IsMaster: true } when !Server!.IsMaster => $"{Name} is a master by now",
        { IsMaster: true, Slots.IsEmpty: false } when nodes.Nodes.Any(node => node.MasterId == Server!.Id && !node.HasFailed) => $"{Name} has a replica by now, which takes over first",
        _ => null,
    };
}
