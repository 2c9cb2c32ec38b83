using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Nodes.Volumes;

/// <summary>Makes a volume belong to a pod's <c>fsGroup</c>, as the kubelet does before the first container starts.</summary>
public static class VolumeOwnership
{
    const UnixFileMode GroupFile = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    const UnixFileMode GroupDirectory = GroupFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;

    /// <param name="root">The volume.</param>
    /// <param name="group">The <c>fsGroup</c>.</param>
    /// <param name="onlyOnRootMismatch">Whether a root that looks right stands for everything below it.</param>
    public static void Give(string root, int group, bool onlyOnRootMismatch)
    {
        if (onlyOnRootMismatch && (File.GetUnixFileMode(root) & GroupDirectory) == GroupDirectory && SystemCalls.ReadGroup(root) == group)
        {
            return;
        }

        foreach (var path in Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Prepend(root))
        {
            SystemCalls.ChangeOwner(path, -1, group);
            if (new FileInfo(path).LinkTarget is null)
            {
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | (Directory.Exists(path) ? GroupDirectory : GroupFile));
            }
        }
    }
}
