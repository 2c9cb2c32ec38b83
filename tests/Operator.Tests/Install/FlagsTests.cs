using System.CommandLine;
using System.Text.Json.Nodes;
using Slotwise.Operator.CommandLine;

namespace Slotwise.Operator.Tests.Install;

/// <summary>The program takes every argument that the manifests and the chart give it.</summary>
public sealed class FlagsTests
{
    [Fact]
    public void The_program_takes_the_arguments_of_config() => AssertTaken(Arguments(Manifests.Deployment));

    [Fact]
    public void The_program_takes_the_arguments_of_the_chart() => AssertTaken(Arguments(Manifests.ChartDeployment));

    [Fact]
    public void The_program_takes_the_namespaces_of_the_chart() =>
        AssertTaken([.. Arguments(Manifests.ChartDeployment), "--namespace=shop", "--namespace=blog"]);

    [Fact]
    public void An_argument_that_nobody_knows_is_told_apart() =>
        Assert.NotEmpty(new RootCommand { RunCommand.Build() }.Parse([.. Arguments(Manifests.Deployment), "--no-such-flag"]).Errors);

    static IReadOnlyList<string> Arguments(JsonNode deployment) => [.. Manifests.Container(deployment)["args"]!.AsArray().Select(argument => (string)argument!)];

    static void AssertTaken(IReadOnlyList<string> arguments)
    {
        var result = new RootCommand { RunCommand.Build() }.Parse(arguments);

        Assert.True(result.Errors.Count == 0, $"{string.Join(' ', arguments)}: {string.Join("; ", result.Errors.Select(error => error.Message))}");
        Assert.Equal("run", result.CommandResult.Command.Name);
    }
}
