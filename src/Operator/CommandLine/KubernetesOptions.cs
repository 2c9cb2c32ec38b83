using System.CommandLine;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Operator.CommandLine;

/// <summary>Where the API server is: options that every command which talks to it has.</summary>
sealed class KubernetesOptions
{
    readonly Option<string?> _kubeconfig = new("--kubeconfig")
    {
        Description = "The kubeconfig file. Default: KUBECONFIG, the pod's service account, ~/.kube/config",
        HelpName = "FILE",
    };

    readonly Option<string?> _context = new("--context")
    {
        Description = "The context of the kubeconfig. Default: its current one",
        HelpName = "NAME",
    };

    public void AddTo(Command command)
    {
        command.Add(_kubeconfig);
        command.Add(_context);
    }

    public KubernetesConfiguration Load(ParseResult result) =>
        KubernetesConfiguration.Load(result.GetValue(_kubeconfig), result.GetValue(_context), TimeProvider.System);
}
