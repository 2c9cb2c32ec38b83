using System.Globalization;
using System.Text;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Faults;

/// <summary>The wall clock of pods that asked for one that can be wrong, by libfaketime. Monotonic clocks go on, as on a host whose clock is set.</summary>
static class PodClock
{
    /// <summary>On a pod: <c>adjustable</c>.</summary>
    public const string Annotation = "localkube.dev/clock";

    const string LibraryTarget = "/run/localkube/libfaketime.so.1";

    const string FileTarget = "/run/localkube/clock";

    public static bool IsAdjustable(V1Pod pod) => pod.Metadata.Annotations?.GetValueOrDefault(Annotation) == "adjustable";

    /// <summary>What the container's programs get; the programs that set the container up must not.</summary>
    /// <remarks>
    /// jemalloc asks for the time while libfaketime allocates its first memory, and both wait forever; with libc's malloc
    /// ahead of it they do not meet. One second is how long a program goes on with what it read.
    /// </remarks>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = $"{LibraryTarget}:libc.so.6",
        ["FAKETIME_TIMESTAMP_FILE"] = FileTarget,
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["NO_FAKE_STAT"] = "1",
    };

    /// <param name="file">Of <see cref="Write"/>.</param>
    /// <exception cref="ContainerConfigException">This machine has no libfaketime.</exception>
    public static IReadOnlyList<Containers.ContainerMount> Mounts(string file)
    {
        var library = Directory.EnumerateDirectories("/usr/lib").Select(directory => Path.Combine(directory, "faketime", "libfaketime.so.1")).FirstOrDefault(File.Exists)
            ?? throw new ContainerConfigException($"annotation {Annotation}: this machine has no /usr/lib/*/faketime/libfaketime.so.1; install Debian's package libfaketime");
        return [new(library, LibraryTarget, ReadOnly: true), new(file, FileTarget, ReadOnly: true)];
    }

    /// <summary>Sets the clock. The file stays the one that containers have mounted, and no reader sees half of it: the text has always the same length.</summary>
    /// <param name="file">On the host.</param>
    /// <param name="offset">Ahead of this machine's clock; whole seconds.</param>
    public static void Write(string file, TimeSpan offset)
    {
        using var handle = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes(((long)offset.TotalSeconds).ToString("+0000000000;-0000000000", CultureInfo.InvariantCulture) + "\n"), 0);
    }
}
