using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Machine;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Disks;

/// <summary>What is behind the disks: the back ends that <c>-drive</c> names.</summary>
/// <remarks>Opened before the machine is built, as opening may fail; disposed after it.</remarks>
internal sealed class Drives : IDisposable
{
    private readonly IMachineStop _machine;
    private readonly Dictionary<string, (DriveDescription Description, IBlockBackEnd BackEnd)> _drives = [];

    private Drives(IMachineStop machine) => _machine = machine;

    /// <summary>Opens them, or says which cannot be.</summary>
    /// <param name="description">The machine's, of which it is a part.</param>
    /// <param name="machine">What an error may stop.</param>
    /// <param name="loggers">Their logs.</param>
    public static Result<Drives> Open(MachineDescription description, IMachineStop machine, ILoggerFactory loggers)
    {
        var drives = new Drives(machine);
        var logger = loggers.CreateLogger<Drives>();
        foreach (var drive in description.Drives)
        {
            var isShared = description.Devices.Any(device => device.Takes("drive") && device.Text("drive") == drive.Id && device.IsOn("share-rw"));
            var opening = new DriveOpening(logger, isShared, description.Schedule == ScheduleKind.Deterministic);
            if (!Open(drive, opening).Get(out var backEnd, out var mistake))
            {
                drives.Dispose();
                return new Failure($"-drive id={drive.Id}: {mistake}");
            }

            drives._drives.Add(drive.Id, (drive, backEnd));
        }

        return drives;
    }

    /// <summary>Opens one, with what its words put in front of it, or says why that cannot be.</summary>
    internal static Result<IBlockBackEnd> Open(DriveDescription drive, DriveOpening opening)
    {
        var opened = drive.Kind.Open(drive, opening);
        if (opened.Get(out var backEnd, out _) && drive.IsSnapshot && !drive.IsReadOnly)
        {
            var snapshot = new SnapshotBackEnd(backEnd);
            (opened, backEnd) = (snapshot, snapshot);
        }

        if (backEnd is null || !drive.IsGiven("write-log"))
        {
            return opened;
        }

        try
        {
            // Unbuffered: what was written down is there however the process ends.
            return new LoggingBackEnd(backEnd, new FileStream(drive.Text("write-log"), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            backEnd.Dispose();
            return new Failure($"property 'write-log': {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The disk that a device names by <c>drive=</c>. The command line has checked that it is there, and taken once.</summary>
    public Disk Take(DeviceDescription device)
    {
        var (description, backEnd) = _drives[device.Text("drive")];
        return new Disk(backEnd, DiskOptions.Of(device, description), _machine);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, backEnd) in _drives.Values)
        {
            backEnd.Dispose();
        }
    }
}
