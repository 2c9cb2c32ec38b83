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
    public int Read(Span<byte> buffer) => (int)Math.Max(0, Receive(_user, ref MemoryMarshal.GetReference(buffer), buffer.Length));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Send(_user, ref MemoryMarshal.GetReference(bytes), bytes.Length) is > 0 and var count)
        {
            bytes = bytes[(int)count..];
        }
    }

    public void Dispose() => _user.Dispose();

    // the class library takes a terminal for a file with positions
    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Receive(SafeFileHandle file, ref byte buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Send(SafeFileHandle file, ref byte buffer, nint count);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref int argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref ulong argument);
}
