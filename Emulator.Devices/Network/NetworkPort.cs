namespace Emulator.Devices;

/// <summary>Sees a frame as it is sent.</summary>
/// <param name="frame">From the destination's address to the end of the data, without the frame check sequence; good during the call.</param>
public delegate void FrameTap(ReadOnlySpan<byte> frame);

/// <summary>One end of a wire: a network controller's, or that of what is behind it. Frames are without preamble and frame check sequence.</summary>
/// <remarks>
/// Each end sends on one thread at a time and receives on one, which may be another. A full wire makes the sender wait: it keeps the
/// frame, and is told when there is room. Nothing is allocated, and no lock taken, for a frame.
/// </remarks>
public sealed class NetworkPort
{
    /// <summary>Bytes of the longest frame a wire carries. Longer ones are lost.</summary>
    public const int LargestFrame = 0x10000;

    private readonly FrameRing _outgoing;
    private readonly FrameRing _incoming;
    private NetworkPort _peer;
    private volatile bool _isUp;
    private Action? _linkChanged;

    private NetworkPort(FrameRing outgoing, FrameRing incoming) => (_outgoing, _incoming, _peer) = (outgoing, incoming, this);

    /// <summary>True while both ends of the wire are up. Any thread.</summary>
    public bool IsLinkUp => _isUp && _peer._isUp;

    /// <summary>Sees each frame that this end sends, on the sending thread; null for nobody. Set before the wire is used.</summary>
    public FrameTap? Tap { get; set; }

    /// <summary>A wire, both ends of it up.</summary>
    public static (NetworkPort Controller, NetworkPort BackEnd) CreateWire()
    {
        FrameRing outward = new(), inward = new();
        NetworkPort controller = new(outward, inward), backEnd = new(inward, outward);
        (controller._peer, backEnd._peer) = (backEnd, controller);
        (controller._isUp, backEnd._isUp) = (true, true);
        return (controller, backEnd);
    }

    /// <summary>A controller's end with nothing in the socket: never a link, and what is sent is lost.</summary>
    public static NetworkPort CreateUnconnected()
    {
        var (controller, backEnd) = CreateWire();
        backEnd._isUp = false;
        return controller;
    }

    /// <summary>Says what to call when something happens at this end. What happened before is not told again: whoever listens then looks.</summary>
    /// <param name="arrived">A frame has come after <see cref="TryPeek"/> found none, or the first one. On the other end's sending thread.</param>
    /// <param name="roomAgain">There may be room after <see cref="TrySend"/> found none. On the other end's receiving thread.</param>
    /// <param name="linkChanged">The other end went up or down. On the thread that brought it there.</param>
    public void Listen(Action arrived, Action roomAgain, Action linkChanged)
    {
        (_incoming.Arrived, _outgoing.RoomAgain, _linkChanged) = (arrived, roomAgain, linkChanged);
    }

    /// <summary>As the other, for a device: each event posts the work that deals with it. A reset of the queue drops what was posted, so the device posts all three behind it, and behind this.</summary>
    /// <param name="queue">The device's.</param>
    /// <param name="receive">Takes frames while it has room for them; posts itself again when the driver has made room.</param>
    /// <param name="transmit">Goes on where it stopped for want of room on the wire.</param>
    /// <param name="link">Looks at <see cref="IsLinkUp"/>.</param>
    public void Listen(IoQueue queue, IoWork receive, IoWork transmit, IoWork link) =>
        Listen(() => queue.Post(receive), () => queue.Post(transmit), () => queue.Post(link));

    /// <summary>Sends a frame, or finds no room on the wire. What is sent while the link is down, or is too long or empty, is lost.</summary>
    /// <param name="frame">What is copied.</param>
    /// <returns>False if the frame is to be sent again when there is room.</returns>
    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        if (frame.Length - 1 >= LargestFrame || frame.IsEmpty || !IsLinkUp)
        {
            return true;
        }

        if (!_outgoing.HasRoom(frame.Length))
        {
            return false;
        }

        Tap?.Invoke(frame);
        _outgoing.Write(frame);
        return true;
    }

    /// <summary>True if a frame of that length can be sent now, or would be lost; if not, the end is told when there may be room.</summary>
    /// <param name="length">Bytes.</param>
    public bool HasRoom(int length) => length is <= 0 or > LargestFrame || !IsLinkUp || _outgoing.HasRoom(length);

    /// <summary>The next frame that came, which stays until it is consumed.</summary>
    /// <param name="frame">Good until <see cref="Consume"/>.</param>
    /// <returns>False if there is none: the end is told when one comes.</returns>
    public bool TryPeek(out ReadOnlySpan<byte> frame) => _incoming.TryPeek(out frame);

    /// <summary>Takes the frame that <see cref="TryPeek"/> found off the wire.</summary>
    public void Consume() => _incoming.Consume();

    /// <summary>Brings this end up or down, and tells the other if that changes anything. One thread at a time.</summary>
    /// <param name="up">False as if the plug were pulled.</param>
    public void SetUp(bool up)
    {
        if (_isUp != up)
        {
            _isUp = up;
            _peer._linkChanged?.Invoke();
        }
    }
}
