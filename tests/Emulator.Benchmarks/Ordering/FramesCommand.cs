namespace Emulator.Benchmarks.Ordering;

/// <summary>
/// The verb <c>frames</c>: frames a second from one controller to another of its kind over a hub, driven by a guest, for each
/// controller under each DMA ordering.
/// </summary>
internal static class FramesCommand
{
    private static readonly string[] s_controllers = ["e1000", "i82559c", "rtl8139c", "rtl8139"];

    private static readonly int[] s_sizes = [60, 1514];

    /// <summary>Runs it; returns the exit status.</summary>
    /// <param name="words">The command line behind the verb.</param>
    public static Task<int> RunAsync(string[] words) => new GuestRates("frames", "frames").RunAsync(words, count: 100_000, Cases);

    private static GuestCase[] Cases(int frames) =>
    [
        .. from controller in s_controllers
           from size in s_sizes
           select new GuestCase(
               $"{controller}, {size} B",
               "net-frames.elf",
               $"frames={frames} size={size}",
               ["-device", $"{controller},netdev=a", "-device", $"{controller},netdev=b", "-netdev", "hubport,id=a,hubid=0", "-netdev", "hubport,id=b,hubid=0"],
               IsOnQemu: controller != "rtl8139c"),
    ];
}
