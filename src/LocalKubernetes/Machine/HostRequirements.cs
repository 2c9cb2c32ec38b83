namespace Slotwise.LocalKubernetes.Machine;

/// <summary>What this machine must have to run pods.</summary>
public static class HostRequirements
{
    static readonly (string Program, string Package)[] Programs =
    [
        ("/usr/bin/bwrap", "bubblewrap"), ("/usr/sbin/ip", "iproute2"), ("/usr/sbin/nft", "nftables"), ("/usr/bin/nsenter", "util-linux"), ("/usr/bin/setpriv", "util-linux"), ("/usr/bin/setsid", "util-linux"),
    ];

    /// <exception cref="HostCommandException">Something is missing; what, and what to do.</exception>
    public static void Check()
    {
        if (System.Environment.UserName != "root")
        {
            throw new HostCommandException("pods get network namespaces, which takes root: run it as root (sudo)");
        }

        var missing = Programs.Where(program => !File.Exists(program.Program)).Select(program => program.Package).Distinct().ToList();
        if (missing.Count > 0)
        {
            throw new HostCommandException($"programs that run pods are missing: apt-get install {string.Join(' ', missing)}");
        }
    }
}
