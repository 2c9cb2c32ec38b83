using System.CommandLine;
using Slotwise.LocalKubernetes;

var root = new RootCommand("A one-machine stand-in for Kubernetes, for trying, developing and testing. Production runs on Kubernetes.")
{
    UpCommand.Create(),
    ImagesCommand.Create(),
    HostCommands.Create(),
    ApiCommands.Create(),
};
foreach (var command in FaultCommands.Create())
{
    root.Add(command);
}

// Pods get time to end in good order; the default of 2 s would leave their processes and networks behind.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
