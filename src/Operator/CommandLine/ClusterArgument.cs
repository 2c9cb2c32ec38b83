using System.CommandLine;

namespace Slotwise.Operator.CommandLine;

/// <summary>Which RedisCluster a command is about.</summary>
sealed class ClusterArgument
{
    readonly Argument<string> _name = new("NAME") { Description = "The name of the RedisCluster" };

    readonly Option<string?> _namespace = new("--namespace", "-n")
    {
        Description = "Its namespace. Default: that of the kubeconfig's context, or default",
        HelpName = "NAMESPACE",
    };

    public void AddTo(Command command)
    {
        command.Add(_name);
        command.Add(_namespace);
    }

    public string Name(ParseResult result) => result.GetRequiredValue(_name);

    public string? Namespace(ParseResult result) => result.GetValue(_namespace);
}
