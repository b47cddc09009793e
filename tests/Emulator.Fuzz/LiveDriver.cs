using Emulator.Devices;

namespace Emulator.Fuzz;

/// <summary>Does what an input says, or a driver wants. On the driver's thread.</summary>
public sealed class LiveDriver : FuzzDriver
{
    private readonly FuzzBoard _board;
    private readonly bool _mayRunForever;
    private readonly byte[] _bytes = new byte[NetworkPort.LargestFrame + 1];

    /// <summary>A driver of the device on a board.</summary>
    /// <param name="board">The board.</param>
    /// <param name="mayRunForever">As <see cref="FuzzTarget.MayRunForever"/>.</param>
    public LiveDriver(FuzzBoard board, bool mayRunForever) => (_board, _mayRunForever) = (board, mayRunForever);

    /// <summary>Frames that the back end has taken, and that it has sent.</summary>
    public (long Taken, long Sent) Frames { get; private set; }

    /// <inheritdoc/>
    public override void Do(FuzzOperation operation)
    {
        var (a, b, c, d) = (operation.A, operation.B, operation.C, operation.D);
        switch (operation.Verb)
        {
            case FuzzVerb.Write:
                _board.Write((int)a & 7, b & 0xFFFF_FFFF, Size(c), d);
                break;
            case FuzzVerb.Read:
                _board.Read((int)a & 7, b & 0xFFFF_FFFF, Size(c));
                break;
            case FuzzVerb.Config:
                _board.WriteConfig((int)a & 0xFF, Math.Min(Size(b), 4), (uint)c);
                break;
            case FuzzVerb.Store:
                _board.Memory.Write(a, Size(b), c);
                break;
            case FuzzVerb.Fill:
                var bytes = _bytes.AsSpan(0, (int)Math.Min(b, (ulong)_bytes.Length));
                new FuzzRandom(c).Fill(bytes);
                _board.Memory.Write(a, bytes);
                break;
            case FuzzVerb.Flip:
                _board.Schedule.Flip((int)Math.Min(a, int.MaxValue), (int)(b & 0xFFFF), (uint)c);
                break;
            case FuzzVerb.Frame:
                Send(MakeFrame(operation));
                break;
            case FuzzVerb.Take:
                for (; a > 0 && Take() is not null; a--)
                {
                }

                break;
            case FuzzVerb.Link:
                _board.BackEnd.SetUp(a != 0);
                break;
            case FuzzVerb.Advance:
                _board.Clock.Advance((long)Math.Min(a, 1_000_000_000_000));
                break;
            case FuzzVerb.Step:
                _ = _board.Schedule.Advance((int)Math.Clamp(a, 1, FuzzSchedule.Stretch));
                break;
            case FuzzVerb.Run:
                Settle();
                break;
            case FuzzVerb.Reset:
                _board.Reset();
                break;
            case FuzzVerb.Guard:
                _board.Schedule.Guard(a, b);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public override void Guard(ulong address, ulong length)
    {
        // Of a check at the end: what was guarded before does not count for it.
    }

    /// <summary>Reads a register.</summary>
    /// <param name="bar">Behind which BAR.</param>
    /// <param name="offset">Bytes from the start of the window.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    public ulong Read(int bar, int offset, int size) => _board.Read(bar, (ulong)offset, size);

    /// <summary>Reads guest memory.</summary>
    /// <param name="address">Where.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    public ulong Load(ulong address, int size)
    {
        _board.Memory.Read(address, size, out var value);
        return value;
    }

    /// <summary>Reads guest memory.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    public byte[] Bytes(ulong address, int length)
    {
        var bytes = new byte[length];
        _board.Memory.Read(address, bytes);
        return bytes;
    }

    /// <summary>Writes guest memory.</summary>
    /// <param name="address">Where.</param>
    /// <param name="bytes">What.</param>
    public void Store(ulong address, ReadOnlySpan<byte> bytes) => _board.Memory.Write(address, bytes);

    /// <summary>Has a frame arrive; one that the wire has no room for is lost.</summary>
    public void Send(ReadOnlySpan<byte> frame) => Frames = (Frames.Taken, Frames.Sent + (_board.BackEnd.TrySend(frame) ? 1 : 0));

    /// <summary>Takes a frame that the device has sent, or null.</summary>
    public byte[]? Take()
    {
        if (!_board.BackEnd.TryPeek(out var frame))
        {
            return null;
        }

        var taken = frame.ToArray();
        _board.BackEnd.Consume();
        Frames = (Frames.Taken + 1, Frames.Sent);
        return taken;
    }

    /// <summary>Empties the wire, and turns on whatever may be off: what a check begins with.</summary>
    public void Prepare()
    {
        _board.BackEnd.SetUp(true);
        _board.PowerOn();
        _board.PlaceWindows();
        TakeAll();
    }

    /// <summary>Takes what there is on the wire.</summary>
    public void TakeAll()
    {
        while (Take() is not null)
        {
        }
    }

    private static int Size(ulong size) => size switch { 0 or 1 => 1, 2 => 2, 3 or 4 => 4, _ => 8 };

    private ReadOnlySpan<byte> MakeFrame(FuzzOperation operation)
    {
        var frame = _bytes.AsSpan(0, (int)Math.Min(operation.A, (ulong)_bytes.Length));
        new FuzzRandom(operation.B).Fill(frame);
        var header = Convert.FromHexString(operation.Header);
        header.AsSpan(0, Math.Min(header.Length, frame.Length)).CopyTo(frame);
        return frame;
    }

    private void Settle()
    {
        var schedule = _board.Schedule;
        if (_mayRunForever)
        {
            _ = schedule.Advance(FuzzSchedule.EnoughSteps);
            return;
        }

        for (var i = 0; i < FuzzSchedule.MostStretches; i++)
        {
            schedule.ForgetPlaces();
            if (schedule.Advance(FuzzSchedule.Stretch))
            {
                return;
            }

            if (schedule.Places < FuzzSchedule.EnoughPlaces)
            {
                schedule.Report("never idle", $"for {FuzzSchedule.Stretch} steps nobody has asked anything of it, and it has been busy at {schedule.Places} addresses");
                return;
            }
        }
    }
}
