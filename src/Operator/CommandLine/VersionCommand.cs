using System.CommandLine;
using System.Reflection;

namespace Slotwise.Operator.CommandLine;

/// <summary><c>slotwise version</c>.</summary>
static class VersionCommand
{
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static Command Build()
    {
        var command = new Command("version", "Prints the version of this program and the API version that it serves");
        command.SetAction(result => result.InvocationConfiguration.Output.WriteLine($"slotwise {Version}, serves redis.slotwise.dev/v1beta1"));
        return command;
    }
}
