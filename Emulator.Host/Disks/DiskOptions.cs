using System.Numerics;
using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Disks;

/// <summary>What <c>-device</c> says of every disk, whatever controller it is at.</summary>
internal static class DiskOptions
{
    private const int LongestSerial = 36;

    /// <summary>The words.</summary>
    public static DeviceProperty[] Properties { get; } =
    [
        DeviceProperty.Text("drive", "", "id of a -drive") with { IsRequired = true },
        DeviceProperty.Checked("serial", "TEXT", CheckSerial, "its serial number"),
        DeviceProperty.Checked("logical_block_size", "SIZE", text => CheckSize(text, 32768), "bytes of the smallest thing that is read or written", "512"),
        DeviceProperty.Checked("physical_block_size", "SIZE", text => CheckSize(text, 32768), "bytes of the smallest thing that is written without reading", "512"),
        DeviceProperty.Choice("write-cache", ["auto", "on", "off"], "on: a completed write may be lost without a flush; auto: as cache= of the drive has it"),
        DeviceProperty.Choice("werror", ["auto", "report", "ignore", "enospc", "stop"], "as werror= of the drive, which auto leaves it to"),
        DeviceProperty.Choice("rerror", ["auto", "report", "ignore", "stop"], "as rerror= of the drive, which auto leaves it to"),
        DeviceProperty.Choice("share-rw", ["off", "on"], "on: other programs may write to the same image if they say so too"),
        DeviceProperty.Number("bootindex", ulong.MaxValue, 0, int.MaxValue, "accepted; nothing here boots from a disk by itself"),
    ];

    /// <summary>Says what is wrong with a disk's words as a whole, or null.</summary>
    public static string? Check(DeviceDescription device) =>
        device.Takes("drive") && device.Number("physical_block_size") < device.Number("logical_block_size")
            ? $"property 'physical_block_size' of '{device.Name}': it is at least logical_block_size, which is {device.Number("logical_block_size")}"
            : null;

    /// <summary>What a disk says of itself.</summary>
    /// <param name="device">The device that it is.</param>
    /// <param name="drive">What is behind it.</param>
    public static DiskProperties Of(DeviceDescription device, DriveDescription drive) => new()
    {
        Name = drive.Id,
        Serial = device.Text("serial"),
        LogicalBlockSize = (int)device.Number("logical_block_size")!.Value,
        PhysicalBlockSize = (int)device.Number("physical_block_size")!.Value,
        HasWriteCache = device.Text("write-cache") switch
        {
            "on" => true,
            "off" => false,
            _ => drive.HasWriteCache,
        },
        Discards = drive.Unmaps,
        Flushes = !drive.IsUnsafe,
        ReadErrors = Policy(device, drive, "rerror", ErrorPolicy.Report),
        WriteErrors = Policy(device, drive, "werror", ErrorPolicy.StopIfFull),
    };

    private static ErrorPolicy Policy(DeviceDescription device, DriveDescription drive, string property, ErrorPolicy standard) =>
        (device.Text(property) is "auto" ? drive.Text(property) : device.Text(property)) switch
        {
            "report" => ErrorPolicy.Report,
            "ignore" => ErrorPolicy.Ignore,
            "stop" => ErrorPolicy.Stop,
            "enospc" => ErrorPolicy.StopIfFull,
            _ => standard,
        };

    private static string? CheckSerial(string text) =>
        text.Length <= LongestSerial && text.All(c => c is >= ' ' and <= '~') ? null : $"'{text}' is not a serial number: at most {LongestSerial} characters of ASCII";

    private static string? CheckSize(string text, ulong most) =>
        Numbers.TryParse(text, out var bytes) && bytes >= 512 && bytes <= most && BitOperations.IsPow2(bytes)
            ? null
            : $"'{text}' is not a power of two between 512 and {most}";
}
