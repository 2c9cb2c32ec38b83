using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>Runs further programs in the containers of all hosts.</summary>
sealed class PodPrograms(Rack rack) : IPodPrograms
{
    public IPodProgram Start(PodProgramRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var running = rack.Nodes.Select(node => node.Agent?.Find(request.PodUid)).FirstOrDefault(worker => worker is not null)?.Running(request.Container);
        try
        {
            return running?.StartProgram(request.Command, request.HasInput, request.HasTerminal)
                ?? throw Failure($"unable to upgrade connection: container not found (\"{request.Container}\")");
        }
        catch (ContainerStartException e)
        {
            throw Failure($"error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: {e.Message}");
        }
    }

    static Kubernetes.Api.KubernetesApiException Failure(string message) =>
        ApiError.Of(System.Net.HttpStatusCode.InternalServerError, "InternalError", $"Internal error occurred: {message}", null);
}
