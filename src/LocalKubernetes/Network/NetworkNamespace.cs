using System.Runtime.InteropServices;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>Does something in another network namespace. Sockets that are made there stay there, whoever uses them.</summary>
static partial class NetworkNamespace
{
    const int Network = 0x40000000; // CLONE_NEWNET

    public static T Run<T>(string path, Func<T> action)
    {
        T result = default!;
        Exception? failure = null;
        // a thread of its own: it never comes back from there
        var thread = new Thread(() =>
        {
            try
            {
                using var there = File.OpenHandle(path);
                if (Enter((int)there.DangerousGetHandle(), Network) != 0)
                {
                    throw new IOException($"{path} cannot be entered: {Marshal.GetLastPInvokeErrorMessage()}");
                }

                result = action();
            }
#pragma warning disable CA1031 // it is thrown again by the one who asked
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        })
        { IsBackground = true, Name = "network namespace" };
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new IOException(failure.Message, failure);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(int file, int kind);
}
