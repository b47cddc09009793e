using System.Globalization;
using Emulator.Host.CommandLine;
using Emulator.Host.Console;

namespace Emulator.Host.Network;

/// <summary>The kinds of back end that are a socket: their words, which are QEMU's.</summary>
internal static class SocketKinds
{
    /// <summary><c>-netdev stream</c>.</summary>
    public static NetdevKind Stream { get; } = new("stream", "Frames over a TCP or Unix connection, each behind its length (32 bits, big-endian)",
    [
        DeviceProperty.Choice("server", ["off", "on"], "on to listen, off to connect"),
        .. Address("addr"),
        DeviceProperty.Number("reconnect-ms", ulong.MaxValue, 1, int.MaxValue, "milliseconds after which a client without a peer tries again; never if not given"),
        DeviceProperty.Number("reconnect", ulong.MaxValue, 1, int.MaxValue / 1000, "the same in seconds"),
    ])
    {
        Check = CheckStream,
        Open = (netdev, logger) => StreamBackEnd.Open(netdev.Id, End(netdev, "addr"), netdev.IsOn("server"), Retry(netdev), logger),
    };

    /// <summary><c>-netdev dgram</c>.</summary>
    public static NetdevKind Datagram { get; } = new("dgram", "A frame a datagram, over UDP or between Unix sockets", [.. Address("local"), .. Address("remote")])
    {
        Check = CheckDatagram,
        Open = (netdev, logger) => DatagramBackEnd.Open(netdev.Id, End(netdev, "local"), End(netdev, "remote"), logger),
    };

    /// <summary><c>-netdev socket</c>, which was there before <see cref="Stream"/>.</summary>
    public static NetdevKind Old { get; } = new("socket", "As stream over TCP, in older words",
    [
        DeviceProperty.Checked("listen", "[HOST]:PORT", CheckHostPort, "where to listen"),
        DeviceProperty.Checked("connect", "HOST:PORT", CheckHostPort, "where to connect to"),
    ])
    {
        Check = netdev => netdev.IsGiven("listen") == netdev.IsGiven("connect") ? "give one of listen=[HOST]:PORT and connect=HOST:PORT" : null,
        Open = (netdev, logger) => StreamBackEnd.Open(
            netdev.Id, ParseHostPort(netdev.IsGiven("listen") ? netdev.Text("listen") : netdev.Text("connect"))!, netdev.IsGiven("listen"), null, logger),
    };

    private static DeviceProperty[] Address(string which) =>
    [
        DeviceProperty.Words($"{which}.type", ["inet", "unix"], "an address of the Internet, or a path") with { IsRequired = true },
        DeviceProperty.Text($"{which}.host", "", "its host; every local address to listen on, or the loopback to send to, if not given", "HOST"),
        DeviceProperty.Number($"{which}.port", ulong.MaxValue, 0, 65535, "its port"),
        DeviceProperty.Text($"{which}.path", "", "its path", "PATH"),
    ];

    private static SocketEnd End(NetdevDescription netdev, string which) => IsUnix(netdev, which)
        ? SocketEnd.Unix(netdev.Text($"{which}.path"))
        : SocketEnd.Inet(netdev.Text($"{which}.host"), (int)netdev.Number($"{which}.port")!.Value);

    private static bool IsUnix(NetdevDescription netdev, string which) => netdev.Text($"{which}.type") == "unix";

    private static TimeSpan? Retry(NetdevDescription netdev) =>
        netdev.Number("reconnect-ms") is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds)
        : netdev.Number("reconnect") is { } seconds ? TimeSpan.FromSeconds(seconds)
        : null;

    private static string? CheckStream(NetdevDescription netdev) =>
        CheckAddress(netdev, "addr")
        ?? (Retry(netdev) is null ? null
            : netdev.IsOn("server") ? "a server does not connect: 'reconnect-ms' is for server=off"
            : netdev.IsGiven("reconnect") && netdev.IsGiven("reconnect-ms") ? "give one of 'reconnect-ms' and 'reconnect'"
            : null)
        ?? CheckPort(netdev, "addr", isLocal: netdev.IsOn("server"));

    private static string? CheckDatagram(NetdevDescription netdev) =>
        CheckAddress(netdev, "local") ?? CheckAddress(netdev, "remote") ?? CheckPort(netdev, "remote", isLocal: false)
        ?? (IsUnix(netdev, "local") != IsUnix(netdev, "remote") ? "'local.type' and 'remote.type' must be the same" : null);

    private static string? CheckAddress(NetdevDescription netdev, string which)
    {
        string[] wanted = IsUnix(netdev, which) ? ["path"] : ["host", "port"];
        string[] unwanted = IsUnix(netdev, which) ? ["host", "port"] : ["path"];
        return unwanted.FirstOrDefault(name => netdev.IsGiven($"{which}.{name}")) is { } stray
                ? $"property '{which}.{stray}' does not go with {which}.type={netdev.Text($"{which}.type")}; give {which}.{wanted[^1]}"
            : !netdev.IsGiven($"{which}.{wanted[^1]}")
                ? $"property '{which}.{wanted[^1]}' of '{netdev.Name}' is missing"
            : netdev.Text($"{which}.path").Length > SocketEnd.LongestPath
                ? $"property '{which}.path': a Unix socket's path has at most {SocketEnd.LongestPath} characters"
            : null;
    }

    private static string? CheckPort(NetdevDescription netdev, string which, bool isLocal) =>
        !isLocal && netdev.Number($"{which}.port") == 0 ? $"property '{which}.port': 0 is for who listens; give the peer's port" : null;

    private static string? CheckHostPort(string text) =>
        ParseHostPort(text) is null ? $"'{text}' is not HOST:PORT, with a port between 0 and 65535" : null;

    private static SocketEnd? ParseHostPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon >= 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? SocketEnd.Inet(text[..colon].Trim('[', ']'), port)
            : null;
    }
}
