using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>A pseudo terminal: the side that a program's user holds.</summary>
sealed partial class Terminal : IDisposable
{
    const nuint Unlock = 0x40045431; // TIOCSPTLCK
    const nuint GetNumber = 0x80045430; // TIOCGPTN
    const nuint SetSize = 0x5414; // TIOCSWINSZ

    readonly SafeFileHandle _user = File.OpenHandle("/dev/ptmx", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    public Terminal()
    {
        var number = 0;
        if (Control(_user, Unlock, ref number) != 0 || Control(_user, GetNumber, ref number) != 0)
        {
            throw new IOException($"no terminal can be made: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        ProgramSide = string.Create(CultureInfo.InvariantCulture, $"/dev/pts/{number}");
    }

    /// <summary>The file that the program's streams are.</summary>
    public string ProgramSide { get; }

    public void Resize(int width, int height)
    {
        // rows, columns, and two sizes in pixels that nobody uses, 16 bits each
        var size = (ushort)height | ((ulong)(ushort)width << 16);
        _ = Control(_user, SetSize, ref size);
    }

    /// <summary>Waits for what the program writes; 0 when it has closed its side.</summary>
    public int Read(Span<byte> buffer)
    {
        try
        {
            return RandomAccess.Read(_user, buffer, 0);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes) => RandomAccess.Write(_user, bytes, 0);

    public void Dispose() => _user.Dispose();

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref int argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref ulong argument);
}
