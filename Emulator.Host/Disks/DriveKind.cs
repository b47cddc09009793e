using Emulator.Devices;
using Emulator.Host.CommandLine;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Disks;

/// <summary>A kind of back end that <c>-drive</c> takes, by <c>driver=</c> or by how <c>file=</c> begins.</summary>
/// <param name="Name">QEMU's name for it, if QEMU has it.</param>
/// <param name="Meaning">What it is, in a line.</param>
/// <param name="OwnProperties">What it takes beside what every drive takes; also as <c>file.NAME=</c>.</param>
internal sealed record DriveKind(string Name, string Meaning, DeviceProperty[] OwnProperties)
{
    /// <summary>What every drive takes.</summary>
    public static IReadOnlyList<DeviceProperty> Common { get; } =
    [
        DeviceProperty.Words("if", ["none", "virtio", "scsi"], "none: a -device names it by drive=; else a virtio-blk-pci or a scsi-hd is made for it") with { IsRequired = true },
        DeviceProperty.Text("id", "", "what a device names it by in drive="),
        DeviceProperty.Text("file", "", "a path, or PROTOCOL:… for another driver", "PATH"),
        DeviceProperty.Choice("format", ["raw"], "what the file holds: the disk's bytes as they are"),
        DeviceProperty.Choice("media", ["disk"], "a disk"),
        DeviceProperty.Number("index", ulong.MaxValue, 0, 255, "its number among those of its interface"),
        DeviceProperty.Number("bus", ulong.MaxValue, 0, 15, "for if=scsi: which controller"),
        DeviceProperty.Number("unit", ulong.MaxValue, 0, 255, "for if=scsi: its scsi-id"),
        DeviceProperty.Choice("readonly", ["off", "on"], "on: nothing is changed"),
        DeviceProperty.Choice("cache", ["writeback", "writethrough", "none", "directsync", "unsafe"], "when a completed write is stable (docs/disks.md)"),
        DeviceProperty.Choice("discard", ["ignore", "unmap", "off", "on"], "unmap, on: what the guest discards is given back to the host"),
        DeviceProperty.Words("werror", ["report", "ignore", "enospc", "stop"], "what becomes of an error in writing; enospc, which stops the machine when the host's disk is full and else reports, if not given"),
        DeviceProperty.Words("rerror", ["report", "ignore", "stop"], "what becomes of an error in reading; report if not given"),
        DeviceProperty.Choice("snapshot", ["off", "on"], "on: what is written stays in memory, and is gone with the process"),
        DeviceProperty.Text("write-log", "", "every change and every flush goes to this file too, for the replay of a loss of power (docs/disks.md)", "PATH"),
        DeviceProperty.Choice("copy-on-read", ["off"], "nothing is copied"),
        DeviceProperty.Choice("detect-zeroes", ["off"], "zeroes are written as they come"),
        DeviceProperty.Choice("aio", ["threads"], "how the host is asked"),
    ];

    /// <summary>What it takes.</summary>
    public DeviceProperty[] Properties { get; } = [.. Common, .. OwnProperties];

    /// <summary>How <c>file=</c> begins if this kind is meant; each ends with a colon.</summary>
    public string[] Protocols { get; init; } = [];

    /// <summary>Says what is wrong with the properties as a whole, or null.</summary>
    public Func<DriveDescription, string?> Check { get; init; } = _ => null;

    /// <summary>Opens it, or says why that cannot be.</summary>
    public required Func<DriveDescription, DriveOpening, Result<IBlockBackEnd>> Open { get; init; }
}

/// <summary>What a back end is told beside its own words.</summary>
/// <param name="Logger">Its log.</param>
/// <param name="IsShared">True if another may change the same image (<c>share-rw=on</c>).</param>
/// <param name="IsScheduled">True in a deterministic schedule: what is asked has ended when <see cref="IBlockBackEnd.Start"/> returns, if that can be.</param>
internal sealed record DriveOpening(ILogger Logger, bool IsShared, bool IsScheduled);
