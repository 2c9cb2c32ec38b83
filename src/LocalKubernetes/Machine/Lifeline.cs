using System.Diagnostics;

namespace Slotwise.LocalKubernetes.Machine;

/// <summary>
/// Removes every process, network namespace, interface, mount and memory file of an instance, also when the instance itself was killed:
/// a small shell waits for the end of its standard input, which the kernel closes with the process that holds the other side.
/// </summary>
/// <remarks>
/// The usual way, <c>PR_SET_PDEATHSIG</c> (bwrap's <c>--die-with-parent</c>), does not do: it is bound to the thread that
/// started the container, it is lost when the container changes its user, and some kernels do not deliver it.
/// </remarks>
public sealed class Lifeline : IDisposable
{
    // Deleting a network namespace does not end the processes in it, so they are looked up by it first; twice, because a
    // process may fork between look-up and signal.
    const string Sweep = """
        for ns in $(ls /run/netns 2>/dev/null | grep "^$1-"); do
          for again in 1 2; do for pid in $(ip netns pids "$ns" 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done; done
          ip netns del "$ns" 2>/dev/null
        done
        ip link del "$1" 2>/dev/null
        for volume in "$3"/*/; do if mountpoint -q "$volume"; then umount -l "$volume" 2>/dev/null; fi; done
        rm -rf "/dev/shm/$1" "$2"
        exit 0
        """;

    const string Wait = """
        trap '' INT TERM HUP QUIT PIPE
        while read -r line; do :; done

        """;

    readonly Process _process;

    Lifeline(Process process) => _process = process;

    public static Lifeline Hold(Instance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        // a session of its own: Ctrl-C in a terminal must reach the instance alone
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Arguments(Wait + Sweep, instance))
        {
            start.ArgumentList.Add(argument);
        }

        return new Lifeline(Process.Start(start)!);
    }

    /// <summary>Removes what is there now.</summary>
    public static Task SweepAsync(Instance instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var arguments = Arguments(Sweep, instance);
        return HostCommand.RunAsync(arguments[0], arguments[1..], null, cancellationToken);
    }

    /// <summary>Lets go: everything is removed now. Bounded by five seconds.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    static string[] Arguments(string script, Instance instance) =>
        ["sh", "-c", script, "localkube-lifeline", instance.Name, instance.PodsDirectory, instance.VolumesDirectory];
}
