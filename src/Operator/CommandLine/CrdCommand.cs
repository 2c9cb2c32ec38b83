using System.CommandLine;
using Slotwise.Entities.Crd;

namespace Slotwise.Operator.CommandLine;

/// <summary><c>slotwise crd</c>: the definition of RedisCluster, as config/crd has it.</summary>
static class CrdCommand
{
    public static Command Build()
    {
        var command = new Command("crd", "Prints the CustomResourceDefinition of RedisCluster: slotwise crd | kubectl apply --server-side -f -");
        command.SetAction(result => result.InvocationConfiguration.Output.Write(RedisClusterCrd.Render()));
        return command;
    }
}
