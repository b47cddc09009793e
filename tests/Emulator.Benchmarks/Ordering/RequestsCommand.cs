namespace Emulator.Benchmarks.Ordering;

/// <summary>
/// The verb <c>requests</c>: reads and writes a second of a disk in memory, driven by a guest, for each controller, size and number of
/// requests under way at once, under each DMA ordering.
/// </summary>
internal static class RequestsCommand
{
    private static readonly (string Name, string[] Devices)[] s_controllers =
    [
        ("lsi53c895a", ["-device", "lsi53c895a", "-device", "scsi-hd,drive=d"]),
        ("virtio-blk", ["-device", "virtio-blk-pci,drive=d"]),
    ];

    private static readonly int[] s_sizes = [512, 4096];

    private static readonly int[] s_depths = [1, 32];

    /// <summary>Runs it; returns the exit status.</summary>
    /// <param name="words">The command line behind the verb.</param>
    public static Task<int> RunAsync(string[] words) => new GuestRates("requests", "requests").RunAsync(words, count: 50_000, Cases);

    private static GuestCase[] Cases(int requests) =>
    [
        .. from controller in s_controllers
           from size in s_sizes
           from depth in s_depths
           select new GuestCase(
               $"{controller.Name}, {size} B, depth {depth}",
               "disk-requests.elf",
               $"requests={requests} size={size} depth={depth}",
               [.. controller.Devices, "-drive", "driver=ram,size=64M,if=none,id=d"]),
    ];
}
