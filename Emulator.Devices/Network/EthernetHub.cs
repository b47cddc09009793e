namespace Emulator.Devices;

/// <summary>A wire between several stations: what comes in at one port goes out at all others.</summary>
/// <remarks>
/// Takes a frame from each port in turn. A frame waits at its port while no other port has room for it, so between two stations nothing
/// is lost and the slower one sets the pace. Among more, a port that has no room while another has loses the frame. What nobody else is
/// there for is lost as well.
/// </remarks>
public sealed class EthernetHub : IDisposable
{
    // Then others on the thread have their turn.
    private const int FramesPerRun = 64;

    private readonly NetworkPort[] _ports;
    private readonly long[] _lost;
    private readonly IoQueue _queue;
    private readonly Forwarding _forwarding;
    private int _next;

    /// <summary>A hub that works when something comes.</summary>
    /// <param name="thread">Does the work.</param>
    /// <param name="name">For messages.</param>
    /// <param name="ports">The hub's ends of its wires.</param>
    public EthernetHub(IoThread thread, string name, params IEnumerable<NetworkPort> ports)
    {
        _ports = [.. ports];
        _lost = new long[_ports.Length];
        _queue = new IoQueue(thread, name);
        _forwarding = new Forwarding(this);
        foreach (var port in _ports)
        {
            port.Listen(_queue, _forwarding, _forwarding, _forwarding);
        }
    }

    /// <summary>The name.</summary>
    public string Name => _queue.Name;

    /// <summary>How many frames a port had no room for while another had. Any thread.</summary>
    /// <param name="port">In the order in which they were given.</param>
    public long Lost(int port) => Volatile.Read(ref _lost[port]);

    /// <summary>Goes on with what is on the wires, after a reset of the thread dropped the work. Any thread.</summary>
    public void Resume() => _queue.Post(_forwarding);

    /// <inheritdoc/>
    public void Dispose() => _queue.Dispose();

    // True if there may be more to do.
    private bool Forward()
    {
        var idle = 0;
        for (var frames = 0; frames < FramesPerRun && idle < _ports.Length; _next = (_next + 1) % _ports.Length)
        {
            var from = _ports[_next];
            if (_queue.IsStale)
            {
                return false;
            }

            if (!from.TryPeek(out var frame) || MustWait(from, frame.Length))
            {
                idle++;
                continue;
            }

            Send(from, frame);
            from.Consume();
            frames++;
            idle = 0;
        }

        return idle < _ports.Length;
    }

    // Asks every port, so that each that has no room tells when it has.
    private bool MustWait(NetworkPort from, int length)
    {
        bool anyUp = false, anyRoom = false;
        foreach (var port in _ports)
        {
            if (port != from && port.IsLinkUp)
            {
                anyUp = true;
                anyRoom |= port.HasRoom(length);
            }
        }

        return anyUp && !anyRoom;
    }

    private void Send(NetworkPort from, ReadOnlySpan<byte> frame)
    {
        for (var i = 0; i < _ports.Length; i++)
        {
            if (_ports[i] != from && !_ports[i].TrySend(frame))
            {
                Volatile.Write(ref _lost[i], _lost[i] + 1);
            }
        }
    }

    private sealed class Forwarding(EthernetHub hub) : IoWork
    {
        protected internal override void Run()
        {
            if (hub.Forward())
            {
                hub._queue.Post(this);
            }
        }
    }
}
