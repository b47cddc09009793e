using System.Diagnostics;

namespace Emulator.Devices.Tests;

/// <summary>Waiting for another thread, with an end.</summary>
internal static class Deadline
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something is so.</summary>
    public static void Until(Func<bool> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"in vain: {what}");
            Thread.Yield();
        }
    }

    /// <summary>Waits for a thread to end.</summary>
    public static void Join(Thread thread) => Assert.True(thread.Join(Patience), $"{thread.Name} does not end");
}
