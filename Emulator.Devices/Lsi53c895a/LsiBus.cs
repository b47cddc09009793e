namespace Emulator.Devices;

/// <summary>The SCSI bus as the chip is on it: who is connected, which phase the target asks for, who waits to reselect. On the I/O thread.</summary>
/// <remarks>
/// Plays the targets: turns what a <see cref="ScsiTask"/> wants into phases, and messages into what is done with tasks. A byte that the
/// chip takes in MESSAGE IN stays unacknowledged until <see cref="Acknowledge"/>; then the target goes on. It answers ATN with
/// MESSAGE OUT, in the middle of messages of its own once the one under way is over.
/// </remarks>
/// <param name="function">The chip.</param>
internal sealed partial class LsiBus(Lsi53c895aFunction function) : IScsiInitiator
{
    private readonly LsiNexusList _nexuses = new();
    private readonly LsiMessagesIn _in = new();
    private readonly LsiMessageOut _out = new();
    private readonly byte[] _command = new byte[16];
    private LsiNexus? _nexus;
    private Continuation _then;

    private enum Continuation
    {
        /// <summary>Go on with the command.</summary>
        Resume,

        /// <summary>Disconnect, and come back.</summary>
        Disconnect,

        /// <summary>It is complete.</summary>
        Complete,
    }

    /// <summary>True from a selection or reselection to the bus free phase.</summary>
    public bool IsConnected => _nexus is not null;

    /// <summary>True while the target asserts REQ.</summary>
    public bool IsRequesting { get; private set; }

    /// <summary>The phase lines; all of them negated on a free bus.</summary>
    public LsiPhase Phase { get; private set; }

    /// <summary>ATN.</summary>
    public bool IsAttention { get; private set; }

    /// <summary>ACK, left asserted behind the last byte of a block move in MESSAGE IN.</summary>
    public bool IsAcknowledging { get; private set; }

    /// <summary>True if nothing has been transferred since the selection.</summary>
    public bool IsFresh { get; private set; }

    /// <summary>True while half a word of sixteen bits has gone over the bus in a data phase.</summary>
    public bool IsOdd => _nexus is { IsOdd: true };

    /// <summary>True if a target wants to reselect, and can.</summary>
    public bool WantsReselection => _nexus is null && _nexuses.HasReady;

    /// <summary>The target connected to.</summary>
    public int Target => _nexus?.Target ?? 0;

    /// <summary>SBCL in bits 0 to 7, SBDL in bits 8 to 15.</summary>
    public int Lines => _nexus is null
        ? 0
        : (int)((LsiControlLines)Phase
            | LsiControlLines.Busy
            | (IsRequesting ? LsiControlLines.Request : 0)
            | (IsAcknowledging ? LsiControlLines.Acknowledge : 0)
            | (IsAttention ? LsiControlLines.Attention : 0))
            | (Phase == LsiPhase.MessageIn ? _in.Peek << 8 : 0);

    /// <summary>Selects a target that is there, with the bus free.</summary>
    /// <param name="target">0 to 15.</param>
    /// <param name="withAttention">True for ATN, which the target answers with MESSAGE OUT.</param>
    public void Select(int target, bool withAttention)
    {
        Connect(_nexuses.Take(target));
        (IsAttention, IsFresh) = (withAttention, true);
        Request(withAttention ? LsiPhase.MessageOut : LsiPhase.Command);
    }

    /// <summary>Has the target that wants to, reselect.</summary>
    public void Reselect()
    {
        var nexus = _nexuses.TakeReady();
        Connect(nexus);
        _in.Add((byte)((int)LsiMessage.Identify | nexus.Lun));
        if (nexus.Tag != LsiNexus.Untagged)
        {
            _in.Add((byte)LsiMessage.SimpleQueueTag, (byte)nexus.Tag);
        }

        Request(LsiPhase.MessageIn);
    }

    /// <summary>Asserts ATN.</summary>
    public void SetAttention()
    {
        IsAttention = true;
        if (IsConnected && !IsAcknowledging && IsRequesting && !IsOdd && (Phase != LsiPhase.MessageIn || _in.IsAtBoundary))
        {
            Request(LsiPhase.MessageOut);
        }
    }

    /// <summary>Negates ATN: the target does not wait for another message.</summary>
    public void ClearAttention()
    {
        IsAttention = false;
        EndMessageOut();
    }

    /// <summary>A selection without ATN, whose first byte is a message nevertheless: the target takes it.</summary>
    public void TakeMessageWithoutAttention() => Request(LsiPhase.MessageOut);

    /// <summary>Negates ACK, if a byte of a message was left unacknowledged: the target goes on.</summary>
    public void Acknowledge()
    {
        if (IsAcknowledging)
        {
            IsAcknowledging = false;
            Next();
        }
    }

    /// <summary>Takes a byte in MESSAGE IN, leaving ACK asserted.</summary>
    public byte TakeMessage()
    {
        var value = _in.Take();
        (IsAcknowledging, IsRequesting, IsFresh) = (true, false, false);
        return value;
    }

    /// <summary>Gives a byte in MESSAGE OUT.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="isLast">True if ATN is negated before it (SCSI-2, 6.5): the target then goes on to something else.</param>
    public void GiveMessage(byte value, bool isLast)
    {
        IsFresh = false;
        IsAttention &= !isLast;
        if (_out.Add(value))
        {
            Execute(_out.Bytes);
            _out.Clear();
        }

        if (isLast)
        {
            EndMessageOut();
        }
    }

    /// <summary>Gives command bytes in COMMAND.</summary>
    /// <param name="bytes">Not empty. What is behind the command's own length is taken and ignored, up to 16 bytes.</param>
    /// <returns>How many were taken.</returns>
    public int GiveCommand(ReadOnlySpan<byte> bytes)
    {
        IsFresh = false;
        var nexus = _nexus!;
        var taken = Math.Min(bytes.Length, _command.Length - nexus.Offset);
        bytes[..taken].CopyTo(_command.AsSpan(nexus.Offset));
        nexus.Offset += taken;
        if (nexus.Offset >= CommandLength(_command[0]) || nexus.Offset == _command.Length)
        {
            Start(nexus, Math.Min(nexus.Offset, CommandLength(_command[0])));
        }

        return taken;
    }

    /// <summary>Takes the status in STATUS; the target has COMMAND COMPLETE to say next.</summary>
    public byte TakeStatus()
    {
        var status = (byte)_nexus!.Status!.Value;
        _in.Add((byte)LsiMessage.CommandComplete);
        _then = Continuation.Complete;
        Request(LsiPhase.MessageIn);
        return status;
    }

    /// <summary>What a data phase may move at once: the data of DATA IN, the room of DATA OUT. Not empty while the target asks for one of them.</summary>
    public Span<byte> Data => _nexus!.Task!.Data.Span[_nexus.Offset..];

    /// <summary>Goes on after some of <see cref="Data"/> was moved.</summary>
    /// <param name="moved">At least one byte.</param>
    public void Advance(int moved)
    {
        var nexus = _nexus!;
        nexus.Offset += moved;
        nexus.HasMoved = true;
        nexus.IsOdd ^= IsWide && (moved & 1) != 0;
        if (IsAttention && !nexus.IsOdd)
        {
            // Between two words, and before the command goes on: what the initiator has to say may be about them.
            Request(LsiPhase.MessageOut);
        }
        else if (nexus.IsPieceMoved)
        {
            Settle();
        }
    }

    /// <summary>The other half of a word has gone over the bus, and was nothing.</summary>
    public void CompleteWord()
    {
        if (_nexus is { } nexus)
        {
            nexus.IsOdd = false;
        }
    }

    /// <inheritdoc/>
    public void TaskReady(ScsiTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.Context is not LsiNexus nexus || nexus.Task != task)
        {
            return;
        }

        nexus.NoteEnd();
        if (nexus != _nexus)
        {
            _nexuses.MakeReady(nexus);
        }
        else if (!IsRequesting && !IsAcknowledging)
        {
            Settle();
        }

        function.PostScripts();
    }

    private static int CommandLength(byte operation) => (operation >> 5) switch
    {
        0 => 6,
        1 or 2 => 10,
        4 => 16,
        5 => 12,
        _ => 1,   // Reserved and vendor-specific groups: what the first block move has.
    };

    private void Connect(LsiNexus nexus)
    {
        _in.Clear();
        _out.Clear();
        (_nexus, _then) = (nexus, Continuation.Resume);
        (IsAttention, IsAcknowledging, IsFresh) = (false, false, false);
        function.Connected();
    }

    private void EndMessageOut()
    {
        if (IsConnected && IsRequesting && Phase == LsiPhase.MessageOut && !IsAttention)
        {
            _out.Clear();
            Next();
        }
    }

    private void Request(LsiPhase phase) => (Phase, IsRequesting) = (phase, true);

    // Between messages, and behind the last of them.
    private void Next()
    {
        if (IsAttention && _in.IsAtBoundary)
        {
            Request(LsiPhase.MessageOut);
        }
        else if (!_in.IsEmpty)
        {
            Request(LsiPhase.MessageIn);
        }
        else if (_then == Continuation.Disconnect)
        {
            Park();
        }
        else if (_then == Continuation.Complete)
        {
            var nexus = _nexus!;
            Free(isLegal: true);
            _nexuses.Free(nexus);
        }
        else
        {
            Settle();
        }
    }

    private void Start(LsiNexus nexus, int length)
    {
        // A command of the same name as one that is still there: the old one is given up, so that a name is one command's.
        if (_nexuses.Find(nexus.Target, nexus.Lun, nexus.Tag) is { } old)
        {
            Abort(old);
        }

        nexus.Offset = 0;
        nexus.Task = Units.Start(nexus.Target, nexus.Lun, _command.AsSpan(0, length), nexus.Attribute, nexus);
        nexus.NoteEnd();
        Settle();
    }

    // What the command wants of the bus now.
    private void Settle()
    {
        var nexus = _nexus!;
        nexus.GoOn();
        if (nexus is { IsOdd: true, Status: not null } && Phase == LsiPhase.DataIn)
        {
            _in.Add((byte)LsiMessage.IgnoreWideResidue, 1);
        }

        IsRequesting = false;
        if (IsAttention)
        {
            Request(LsiPhase.MessageOut);
        }
        else if (!_in.IsEmpty)
        {
            Request(LsiPhase.MessageIn);
        }
        else if (nexus.Status is not null)
        {
            Request(LsiPhase.Status);
        }
        else if (nexus.Task is not { } task)
        {
            Request(LsiPhase.Command);
        }
        else if (task.State != ScsiTaskState.Busy)
        {
            Request(task.State == ScsiTaskState.DataIn ? LsiPhase.DataIn : LsiPhase.DataOut);
        }
        else if (nexus is { MayDisconnect: true, IsOdd: false })
        {
            SayGoodbye(nexus);
        }
    }

    private void SayGoodbye(LsiNexus nexus)
    {
        if (nexus.HasMoved)
        {
            _in.Add((byte)LsiMessage.SaveDataPointers);
            nexus.HasMoved = false;
        }

        _in.Add((byte)LsiMessage.Disconnect);
        _then = Continuation.Disconnect;
        Request(LsiPhase.MessageIn);
    }

    private void Park()
    {
        var nexus = _nexus!;
        Free(isLegal: true);
        _nexuses.Add(nexus);
        if (nexus.Task is not { State: ScsiTaskState.Busy })
        {
            _nexuses.MakeReady(nexus);
        }
    }

    // Bus free. Behind DISCONNECT and COMMAND COMPLETE it is expected.
    private void Free(bool isLegal)
    {
        _nexus = null;
        (IsRequesting, IsAcknowledging, IsAttention, IsFresh, Phase) = (false, false, false, false, LsiPhase.DataOut);
        function.Disconnected(isLegal);
    }
}
