using System.Text;
using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Console;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary><c>-netdev user</c>: a network of the guest's own behind a router that is this process, with DHCP, DNS and TFTP.</summary>
/// <remarks>
/// One thread runs the stack. The stack cannot be told to wait when it has a frame: what finds no room on the wire is kept, and until that
/// is gone nothing more is taken from the guest or from outside, so that little is kept. Beyond a bound frames are lost.
/// </remarks>
internal sealed class UserBackEnd : NetworkBackEnd
{
    // What one round of a few busy connections brings.
    private const int MostKeptBytes = 1 << 20;

    // Then the outside has its turn.
    private const int FramesPerRound = 64;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Queue<byte[]> _kept = [];
    private readonly WakePipe _wake = new();
    private readonly Thread _thread;
    private SlirpStack? _stack;
    private NetworkPort _port = NetworkPort.CreateUnconnected();
    private int _keptBytes;
    private volatile bool _stopping;
    private bool _isStarted;

    private UserBackEnd(string id) => _thread = new Thread(Run) { Name = id, IsBackground = true };

    /// <summary>What the command line may say.</summary>
    public static NetdevKind Kind { get; } = new("user", "A network of the guest's own behind this process as its router, with DHCP, DNS and TFTP (libslirp)",
    [
        DeviceProperty.Text("net", "", "the network; 10.0.2.0/24 if not given", "ADDRESS[/BITS]"),
        DeviceProperty.Text("host", "", "the host's address in it; the network's 2 if not given", "ADDRESS"),
        DeviceProperty.Text("dhcpstart", "", "the first address that is given out; the network's 15 if not given", "ADDRESS"),
        DeviceProperty.Text("dns", "", "the name server's address; the network's 3 if not given", "ADDRESS"),
        DeviceProperty.Text("hostname", "", "the guest's name, as DHCP tells it", "NAME"),
        DeviceProperty.Checked("hostfwd", "[tcp|udp]:[HOSTADDR]:HOSTPORT-[GUESTADDR]:GUESTPORT", HostForward.Check, "a port of the host that is the guest's; any number of them") with { IsRepeatable = true },
        DeviceProperty.Text("tftp", "", "what the host's TFTP server has", "DIRECTORY"),
        DeviceProperty.Checked("bootfile", "NAME", CheckBootFile, "the file to start from, as DHCP tells it"),
        DeviceProperty.Choice("restrict", ["off", "on"], "on to let the guest out by nothing but hostfwd"),
    ])
    {
        Check = netdev => UserNetwork.Parse(netdev).Error,
        Open = Open,
    };

    /// <inheritdoc/>
    public override void Attach(NetworkPort port)
    {
        _port = port;
        port.Listen(_wake.Set, _wake.Set, _wake.Set);
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _isStarted = true;
        _thread.Start();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Set();
        if (!_isStarted || _thread.Join(s_patience))
        {
            _stack?.Dispose();
            _wake.Dispose();
        }
    }

    private static Result<NetworkBackEnd> Open(NetdevDescription netdev, ILogger logger)
    {
        if (netdev.Text("tftp") is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            return new Failure($"property 'tftp': '{folder}' is not a directory");
        }

        var backEnd = new UserBackEnd(netdev.Id);
        if (SlirpStack.Open(netdev, backEnd.Send, logger).Get(out backEnd._stack, out var mistake))
        {
            return backEnd;
        }

        backEnd.Dispose();
        return new Failure(mistake);
    }

    // The field of a BOOTP message ends with a zero (RFC 951).
    private static string? CheckBootFile(string text) => Encoding.UTF8.GetByteCount(text) < 128 ? null : $"'{text}' has more than 127 bytes";

    private void Run()
    {
        while (!_stopping)
        {
            // What waited for a frame of the guest's (who has which address) goes on in Wait: after one, that only looks.
            var mayTake = SendKept();
            var took = mayTake && TakeFromGuest();
            _stack!.Wait(_wake, mayTake, mayWait: !took);
        }
    }

    // True if there are none left.
    private bool SendKept()
    {
        while (_kept.TryPeek(out var frame))
        {
            if (!_port.TrySend(frame))
            {
                return false;
            }

            _keptBytes -= _kept.Dequeue().Length;
        }

        return true;
    }

    // False if there was none.
    private bool TakeFromGuest()
    {
        var frames = 0;
        while (frames < FramesPerRound && _kept.Count == 0 && _port.TryPeek(out var frame))
        {
            _stack!.Input(frame);
            _port.Consume();
            frames++;
        }

        return frames > 0;
    }

    // From within the stack.
    private void Send(ReadOnlySpan<byte> frame)
    {
        if (_kept.Count == 0 && _port.TrySend(frame))
        {
            return;
        }

        if (_keptBytes + frame.Length <= MostKeptBytes)
        {
            _kept.Enqueue(frame.ToArray());
            _keptBytes += frame.Length;
        }
    }
}
