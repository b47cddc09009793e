using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Emulator.Host.Tests.Network;

/// <summary><c>-netdev tap</c>, where the host lets the test have an interface.</summary>
public sealed class TapBackEndTests : IDisposable
{
    private readonly BackEndRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void An_interface_that_cannot_be_had_is_a_mistake_and_one_that_can_carries_frames()
    {
        var name = $"emu{Environment.ProcessId % 100_000}";
        if (!_rig.TryOpen($"tap,id=n,ifname={name},script=no,downscript=no").Get(out var probe, out var mistake))
        {
            Assert.Matches("^cannot (open /dev/net/tun|use the interface emu[0-9]+): [^\n]+$", mistake);
            Assert.Skip($"No interface for the test: {mistake}.");
        }

        probe.Dispose();
        var (port, backEnd) = _rig.Start($"tap,id=n,ifname={name}");
        if (!Ip("link", "set", name, "up") || !Ip("addr", "add", "198.51.100.1/24", "dev", name))
        {
            Assert.Skip("The interface cannot be configured.");
        }

        // To the host: it counts what comes in.
        var counter = $"/sys/class/net/{name}/statistics/rx_packets";
        var before = long.Parse(File.ReadAllText(counter), CultureInfo.InvariantCulture);
        port.Send(Convert.FromHexString("FFFFFFFFFFFF5254001234560806" + "0001080006040001" + "525400123456" + "C6336402" + "000000000000" + "C6336401"));
        Wires.Until(() => long.Parse(File.ReadAllText(counter), CultureInfo.InvariantCulture) > before, "the host has it");

        // From the host: it asks who has an address, among whatever else it says.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SendTo([1], new IPEndPoint(IPAddress.Parse("198.51.100.9"), 9));
        Wires.Until(() => port.Receive().AsSpan().EndsWith((ReadOnlySpan<byte>)[198, 51, 100, 9]), "the question");
        backEnd.Dispose();
    }

    private static bool Ip(params string[] words)
    {
        try
        {
            using var ip = Process.Start(new ProcessStartInfo("ip", words) { RedirectStandardError = true })!;
            ip.WaitForExit();
            return ip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
