using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Disks;

/// <summary>The kinds of drive that are nowhere but in the process.</summary>
internal static class MemoryKinds
{
    private const ulong LargestRam = 1UL << 36;
    private const ulong LargestNull = 1UL << 60;

    /// <summary><c>driver=null-co</c>.</summary>
    public static DriveKind Null { get; } = new("null-co", "Forgets what is written and reads as zeroes",
    [
        Size("1G", LargestNull),
        DeviceProperty.Choice("read-zeroes", ["off", "on"], "accepted; it reads as zeroes in any case, as nothing else of the host's may be seen"),
    ])
    {
        Protocols = ["null-co:"],
        Check = drive => drive.Text("file") is "" or "null-co:" or "null-co://" ? null : "give the size by size=: file=null-co://,size=1G",
        Open = (drive, _) => new NullBackEnd(Bytes(drive.Text("size"))) { IsReadOnly = drive.IsReadOnly },
    };

    /// <summary><c>driver=ram</c>, which QEMU has not.</summary>
    public static DriveKind Ram { get; } = new("ram", "All zeroes at first, and gone with the process: driver=ram,size=64M or file=ram:64M", [Size("", LargestRam)])
    {
        Protocols = ["ram:"],
        Check = CheckRam,
        Open = (drive, _) => new RamBackEnd(Bytes(RamSize(drive))) { IsReadOnly = drive.IsReadOnly },
    };

    private static DeviceProperty Size(string standard, ulong most) =>
        DeviceProperty.Checked("size", "SIZE", text => CheckSize(text, most), "bytes, or with K, M, G or T behind it", standard);

    private static string? CheckRam(DriveDescription drive) =>
        (drive.IsGiven("file"), drive.IsGiven("size")) switch
        {
            (true, false) => CheckSize(RamSize(drive), LargestRam) is { } mistake ? $"property 'file' of 'ram': {mistake}" : null,
            (false, true) => null,
            _ => "give its size once: driver=ram,size=64M or file=ram:64M",
        };

    private static string RamSize(DriveDescription drive) => drive.IsGiven("file") ? drive.Text("file")["ram:".Length..] : drive.Text("size");

    private static string? CheckSize(string text, ulong most) =>
        !Numbers.TryParseSize(text, 0, out var bytes) ? $"'{text}' is not a size; give a number with K, M, G or T behind it, such as 64M"
        : bytes is 0 || bytes > most || bytes % 512 != 0 ? $"'{text}' is not a multiple of 512 bytes up to {Numbers.FormatSize(most)}"
        : null;

    private static long Bytes(string text) => Numbers.TryParseSize(text, 0, out var bytes) ? (long)bytes : 0;
}
