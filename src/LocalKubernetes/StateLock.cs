using System.Globalization;

namespace Slotwise.LocalKubernetes;

/// <summary>Keeps a second localkube off a state directory. The lock ends with the process, however it ends.</summary>
sealed class StateLock : IDisposable
{
    readonly FileStream _file;

    StateLock(FileStream file) => _file = file;

    /// <exception cref="StateInUseException">Another process holds it.</exception>
    public static StateLock Take(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "lock");
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new StateLock(file);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new StateInUseException(directory, e);
        }
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>Another localkube runs on the same state directory.</summary>
sealed class StateInUseException(string directory, Exception innerException)
    : Exception($"another localkube runs on {directory}: stop it, or choose another directory with --state", innerException);
