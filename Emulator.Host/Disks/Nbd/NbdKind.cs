using Emulator.Host.CommandLine;
using Emulator.Host.Console;

namespace Emulator.Host.Disks.Nbd;

/// <summary><c>file=nbd:…</c> and <c>driver=nbd</c>: the words, which are QEMU's.</summary>
internal static class NbdKind
{
    /// <summary>The kind.</summary>
    public static DriveKind Nbd { get; } = new("nbd", "A disk that an NBD server has: file=nbd:HOST:PORT[:exportname=NAME], nbd://, nbd:unix:PATH, nbd+unix://",
    [
        DeviceProperty.Words("server.type", ["inet", "unix"], "instead of file=: an address of the Internet, or a path"),
        DeviceProperty.Text("server.host", "", "its host", "HOST"),
        DeviceProperty.Number("server.port", NbdProtocol.Port, 1, 65535, "its port"),
        DeviceProperty.Text("server.path", "", "its path", "PATH"),
        DeviceProperty.Text("export", "", "the export's name; the server's default if empty", "NAME"),
        DeviceProperty.Number(
            "reconnect-delay", NbdBackEnd.DefaultDelay, 0, 1_000_000, "seconds for which requests wait for a server that has gone, before they fail"),
    ])
    {
        Protocols = ["nbd:", "nbd+tcp:", "nbd+unix:", "nbds:", "nbds+tcp:", "nbds+unix:"],
        Check = drive => Address(drive).Get(out _, out var mistake) ? null : mistake,
        Open = (drive, opening) => NbdBackEnd.Open(drive.Id, Address(drive).Value!, Options(drive, opening), opening.Logger),
    };

    private static NbdOptions Options(DriveDescription drive, DriveOpening opening) => new(TimeSpan.FromSeconds(drive.Number("reconnect-delay")!.Value))
    {
        IsReadOnly = drive.OpensReadOnly,
        IsUnsafe = drive.IsUnsafe,
        Unmaps = drive.Unmaps,
        IsScheduled = opening.IsScheduled,
    };

    private static Result<NbdAddress> Address(DriveDescription drive)
    {
        string[] own = ["server.type", "server.host", "server.port", "server.path", "export"];
        if (drive.IsGiven("file"))
        {
            return own.FirstOrDefault(drive.IsGiven) is { } stray
                ? new Failure($"property '{stray}' of 'nbd': file= says it already")
                : NbdAddress.Parse(drive.Text("file"));
        }

        var isUnix = drive.Text("server.type") == "unix";
        return !drive.IsGiven("server.type") ? new Failure("give file=nbd:HOST:PORT, or server.type")
            : isUnix && !drive.IsGiven("server.path") ? new Failure("property 'server.path' of 'nbd' is missing")
            : !isUnix && !drive.IsGiven("server.host") ? new Failure("property 'server.host' of 'nbd' is missing")
            : new NbdAddress(
                isUnix ? SocketEnd.Unix(drive.Text("server.path")) : SocketEnd.Inet(drive.Text("server.host"), (int)drive.Number("server.port")!.Value),
                drive.Text("export")).Check();
    }
}
