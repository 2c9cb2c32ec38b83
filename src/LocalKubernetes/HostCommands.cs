using System.CommandLine;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;

namespace Slotwise.LocalKubernetes;

/// <summary>What can go wrong with a host, on demand: <c>localkube host off</c>, <c>on</c>, <c>cut</c>, <c>mend</c>, <c>loss</c>.</summary>
static class HostCommands
{
    public static Command Create()
    {
        var others = new Argument<string[]>("OTHER") { Description = "Other hosts or zones. None, and no option: all other hosts.", Arity = ArgumentArity.ZeroOrMore };
        var server = new Option<bool>("--server") { Description = "The line to the API server, of the host's agent and of its pods." };
        var machine = new Option<bool>("--machine") { Description = "The link of its pods to this machine, such as to an operator that runs here. The host's own probes go on." };
        var percent = new Argument<int>("PERCENT") { Description = "Of its pods' packets, in both directions; 0 ends it." };

        var off = Command("off", "The power goes: every process on the host is killed at once, and nothing is reported.", [], _ => new() { ["power"] = false });
        var on = Command("on", "The power comes back: the host boots, and starts the pods again that are still bound to it.", [], _ => new() { ["power"] = true });
        var cut = Command("cut", "Cuts the network between a host and others: what is sent is lost without an answer. Its processes live on.", [others, server, machine], parsed => new()
        {
            ["cut"] = Ends(parsed.GetValue(others) ?? [], parsed.GetValue(server), parsed.GetValue(machine), [HostLinkFault.Hosts]),
        });
        var mend = Command("mend", "Mends what was cut; without others and options, all of it.", [others, server, machine], parsed => new()
        {
            ["mend"] = Ends(parsed.GetValue(others) ?? [], parsed.GetValue(server), parsed.GetValue(machine), []),
        });
        var loss = Command("loss", "Loses a part of what the host's pods send and get, at random.", [percent], parsed => new() { ["loss"] = parsed.GetValue(percent) });
        return new Command("host", "What can go wrong with a host.") { off, on, cut, mend, loss };
    }

    static JsonArray Ends(string[] others, bool server, bool machine, string[] noneMeans)
    {
        IEnumerable<string> ends = [.. others, .. server ? [HostLinkFault.Server] : Array.Empty<string>(), .. machine ? [HostLinkFault.Machine] : Array.Empty<string>()];
        return [.. (ends.Any() ? ends : noneMeans).Select(end => JsonValue.Create(end))];
    }

    static Command Command(string name, string description, IReadOnlyList<Symbol> symbols, Func<ParseResult, JsonObject> body)
    {
        var host = new Argument<string>("HOST") { Description = "The Node's name." };
        var command = new Command(name, description) { host, FaultCommands.Kubeconfig };
        FaultCommands.Add(command, symbols);
        command.SetAction((parsed, cancellationToken) => FaultCommands.RunAsync<V1Node>(parsed, null, parsed.GetRequiredValue(host), body(parsed), cancellationToken));
        return command;
    }
}
