using System.Security.Cryptography;
using System.Text;

namespace Slotwise.LocalKubernetes.Machine;

/// <summary>
/// The names under which one LocalKubernetes keeps its things in the system. They follow from its state directory, so that
/// several on one machine never meet, and so that the next start in the same directory finds what a crash left behind.
/// </summary>
public sealed record Instance
{
    public Instance(string stateDirectory)
    {
        StateDirectory = Path.GetFullPath(stateDirectory);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(StateDirectory)));
        Name = $"lk{hash[..8]}";
    }

    public string StateDirectory { get; }

    /// <summary>At most 10 characters: network interfaces, limited to 15, carry it.</summary>
    public string Name { get; }

    /// <summary>Where pods' files live that must not outlive the instance.</summary>
    public string PodsDirectory => Path.Combine(StateDirectory, "pods");

    /// <summary>The same, in memory: Secrets and emptyDirs of medium Memory never reach a disk.</summary>
    public string MemoryDirectory => Path.Combine("/dev/shm", Name);

    /// <summary>Where the data of claims lives. It outlives the instance.</summary>
    public string VolumesDirectory => Path.Combine(StateDirectory, "volumes");

    /// <summary>Where the generated part of the images' /etc lives.</summary>
    public string EtcDirectory => Path.Combine(StateDirectory, "etc");
}
