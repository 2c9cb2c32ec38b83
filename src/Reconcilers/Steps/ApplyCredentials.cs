using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Makes the Secret with the users' passwords, and the ACL file made of them. Passwords that exist are kept: running servers know them.
/// They are generated here and not in the plan, because a plan is shown and logged.
/// </summary>
/// <param name="Cluster">Whose Secret it is.</param>
/// <param name="HasServers">Whether servers were started with its passwords: new ones would lock the operator and every restarted replica out.</param>
public sealed record ApplyCredentials(RedisCluster Cluster, bool HasServers) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Mounted;

    public string Description => $"apply Secret {ClusterNames.CredentialsSecret(Cluster.Metadata.Name!)}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var metadata = ClusterMetadata.Owned(Cluster, ClusterNames.CredentialsSecret(Cluster.Metadata.Name!));
            var live = await LiveObjects.FindAsync<V1Secret>(context.Kubernetes, metadata, cancellationToken);
            if (live is not null && !live.Metadata.IsControlledBy(Cluster.Metadata.Uid))
            {
                return LiveObjects.RefuseStranger(live, metadata);
            }

            if (HasServers && (Credentials.Read(live, Credentials.OperatorPasswordKey) is null || Credentials.Read(live, Credentials.ReplicationPasswordKey) is null))
            {
                return StepOutcome.Refused(
                    $"Secret {metadata.Name} lost passwords that running servers were started with: restore its keys {Credentials.OperatorPasswordKey} and "
                    + $"{Credentials.ReplicationPasswordKey}, which every pod has as files in {RedisConfig.CredentialsDirectory}");
            }

            var desired = Credentials.BuildSecret(
                Cluster,
                Credentials.Read(live, Credentials.OperatorPasswordKey) ?? context.Passwords.Next(),
                Credentials.Read(live, Credentials.ReplicationPasswordKey) ?? context.Passwords.Next());
            var applied = await new ObjectApplier(context.Kubernetes).ApplyIfChangedAsync(desired, live, cancellationToken);
            return applied.Written
                ? StepOutcome.Done(live is null ? "Created" : "Changed", $"{(live is null ? "created" : "changed")} Secret {metadata.Name}")
                : StepOutcome.Skipped($"Secret {metadata.Name} is as it should be");
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
