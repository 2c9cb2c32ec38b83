using System.CommandLine;
using Slotwise.LocalKubernetes;

var root = new RootCommand("A one-machine stand-in for Kubernetes, for trying, developing and testing. Production runs on Kubernetes.")
{
    UpCommand.Create(),
    ImagesCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
