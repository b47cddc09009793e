using System.Runtime.InteropServices;

namespace Emulator.Benchmarks.Peers;

/// <summary>Processor time of the children that have ended, as getrusage(2) counts it.</summary>
/// <remarks>A child's own <c>UserProcessorTime</c> cannot be asked any more once it has ended.</remarks>
internal static partial class ChildTime
{
    private const int Children = -1;

    /// <summary>Seconds in user mode, of all children so far.</summary>
    /// <exception cref="InvalidOperationException">The system refuses.</exception>
    public static double UserSeconds
    {
        get
        {
            var usage = default(Usage);
            if (GetUsage(Children, ref usage) != 0)
            {
                throw new InvalidOperationException($"getrusage: error {Marshal.GetLastPInvokeError()}");
            }

            return usage.UserSeconds + (usage.UserMicroseconds / 1e6);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, ref Usage usage);

    /// <summary>struct rusage of a 64-bit Linux: two struct timeval and fourteen longs.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct Usage
    {
        public long UserSeconds;
        public long UserMicroseconds;
    }
}
