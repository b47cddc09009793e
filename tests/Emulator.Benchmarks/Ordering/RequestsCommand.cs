namespace Emulator.Benchmarks.Ordering;

/// <summary>
/// The verb <c>requests</c>: reads and writes a second of a disk whose file is in memory, driven by a guest, for each controller, size and
/// number of requests under way at once, under each DMA ordering and on QEMU.
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
    public static async Task<int> RunAsync(string[] words)
    {
        var file = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"emulator-requests-{Environment.ProcessId}.img");
        try
        {
            await using (var image = File.Create(file))
            {
                image.SetLength(64 << 20);
            }

            return await new GuestRates("requests", "requests").RunAsync(words, count: 50_000, count => Cases(count, file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static GuestCase[] Cases(int requests, string file) =>
    [
        .. from controller in s_controllers
           from size in s_sizes
           from depth in s_depths
           select new GuestCase(
               $"{controller.Name}, {size} B, depth {depth}",
               "disk-requests.elf",
               $"requests={requests} size={size} depth={depth}",
               [.. controller.Devices, "-drive", $"file={file},format=raw,if=none,id=d"]),
    ];
}
