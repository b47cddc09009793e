using System.Diagnostics;
using Emulator.Devices;

namespace Emulator.Host.Tests.Network;

/// <summary>A test at an end of a wire, which looks instead of being told.</summary>
internal static class Wires
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something is so.</summary>
    public static void Until(Func<bool> condition, string what)
    {
        for (var start = Stopwatch.GetTimestamp(); !condition(); Thread.Yield())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"in vain: {what}");
        }
    }

    /// <summary>Waits for a frame, and takes it.</summary>
    public static byte[] Receive(this NetworkPort port)
    {
        Until(() => port.TryPeek(out _), "a frame");
        _ = port.TryPeek(out var frame);
        var bytes = frame.ToArray();
        port.Consume();
        return bytes;
    }

    /// <summary>Sends a frame as soon as there is room.</summary>
    public static void Send(this NetworkPort port, byte[] frame) => Until(() => port.TrySend(frame), "room");
}
