using System.Runtime.InteropServices;

namespace Slotwise.LocalKubernetes.Machine;

/// <summary>What the base class library has no name for.</summary>
static partial class SystemCalls
{
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;
    public const int SignalContinue = 18;
    public const int SignalStop = 19;

    const int NoSuchProcess = 3;

    /// <summary>Sends a signal; false when the process is gone.</summary>
    public static bool TrySignal(int pid, int signal)
    {
        if (Kill(pid, signal) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new IOException($"signal {signal} to process {pid} failed: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Gives a file or directory (not what a link points at) to a user and group; -1 leaves one as it is.</summary>
    public static void ChangeOwner(string path, int user, int group)
    {
        if (ChangeLinkOwner(path, user, group) != 0)
        {
            throw new IOException($"the owner of {path} cannot be set to {user}:{group}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Moves a link itself in one step; the class library looks for what the link points at.</summary>
    public static void Rename(string from, string to)
    {
        if (RenameEntry(from, to) != 0)
        {
            throw new IOException($"{from} cannot be renamed to {to}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>The group that a directory belongs to.</summary>
    public static int ReadGroup(string path)
    {
        // the class library reads owners only into its own caches
        var start = new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%g", path]) { RedirectStandardOutput = true };
        using var stat = System.Diagnostics.Process.Start(start)!;
        return int.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameEntry(string from, string to);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeLinkOwner(string path, int user, int group);
}
