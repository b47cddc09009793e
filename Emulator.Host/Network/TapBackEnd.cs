using System.Runtime.InteropServices;
using System.Text;
using Emulator.Host.CommandLine;
using Emulator.Host.Console;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary><c>-netdev tap</c>: an interface of the host's (Linux, Documentation/networking/tuntap.rst).</summary>
internal sealed class TapBackEnd : PacketBackEnd
{
    private const string Device = "/dev/net/tun";
    private const int LongestName = 15;

    private readonly int _descriptor;

    private TapBackEnd(string id, int descriptor, ILogger logger)
        : base(id, logger) => _descriptor = descriptor;

    /// <summary>What the command line may say.</summary>
    public static NetdevKind Kind { get; } = new("tap", "A network interface of the host's, which somebody there configures",
    [
        DeviceProperty.Checked("ifname", "NAME", CheckName, "the interface; made if it is not there, which needs CAP_NET_ADMIN") with { IsRequired = true },
        DeviceProperty.Choice("script", ["no"], "no script configures it"),
        DeviceProperty.Choice("downscript", ["no"], "no script takes it down"),
    ])
    {
        Open = (netdev, logger) => Open(netdev.Id, netdev.Text("ifname"), logger),
    };

    /// <inheritdoc/>
    protected override int Descriptor => _descriptor;

    /// <inheritdoc/>
    protected override string? Receive(Span<byte> buffer, out ReadOnlySpan<byte> frame)
    {
        var count = Posix.Read(_descriptor, buffer);
        frame = buffer[..Math.Max(count, 0)];
        return count >= 0 ? null : $"cannot read from {Device}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
    }

    /// <inheritdoc/>
    protected override bool TrySend(ReadOnlySpan<byte> frame) =>
        Posix.Write(_descriptor, frame) >= 0 || Marshal.GetLastPInvokeError() is not (Posix.TryAgain or Posix.InterruptedCall);

    /// <inheritdoc/>
    protected override void Close()
    {
        _ = Posix.Close(_descriptor);
        base.Close();
    }

    private static Result<NetworkBackEnd> Open(string id, string name, ILogger logger)
    {
        var descriptor = Posix.Open(Device, Posix.OpenReadWrite | Posix.OpenNonBlocking | Posix.OpenCloseOnExec);
        if (descriptor < 0)
        {
            return new Failure($"cannot open {Device}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        var request = new InterfaceRequest { Flags = InterfaceRequest.Tap | InterfaceRequest.NoPacketInformation };
        _ = Encoding.ASCII.GetBytes(name, request.Name);
        if (Posix.SetInterface(descriptor, InterfaceRequest.TunSetInterface, ref request) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            _ = Posix.Close(descriptor);
            return new Failure($"cannot use the interface {name}: {Marshal.GetPInvokeErrorMessage(error)}"
                + (error == Posix.NotPermitted ? $"; have it made for you: ip tuntap add {name} mode tap user $USER" : ""));
        }

        return new TapBackEnd(id, descriptor, logger);
    }

    private static string? CheckName(string text) =>
        text.Length <= LongestName && text.All(c => char.IsAscii(c) && c > ' ' && c != '/') ? null : $"'{text}' is not a name of an interface: it has at most {LongestName} characters";
}
