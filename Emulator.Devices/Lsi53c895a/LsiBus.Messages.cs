namespace Emulator.Devices;

// What a target does with the messages it is sent, and what ends more than one command.
internal sealed partial class LsiBus
{
    // Ultra2: 40 million transfers a second.
    private const byte FastestPeriod = 0x0A;
    private const byte LongestOffset = 31;

    private readonly bool[] _isWide = new bool[ScsiBus.Targets];

    /// <summary>The units.</summary>
    public ScsiBus Units => function.ScsiBus;

    /// <summary>True if the target connected to has agreed to sixteen bits of data.</summary>
    public bool IsWide => _nexus is { } nexus && _isWide[nexus.Target];

    /// <summary>Gives up every command: the chip was reset. The units do not know why.</summary>
    public void Purge()
    {
        for (var target = 0; target < ScsiBus.Targets; target++)
        {
            AbortTasks(target, null);
        }

        if (_nexus is { } nexus)
        {
            _nexus = null;
            nexus.Task?.Abort();
            _nexuses.Free(nexus);
        }

        Clear();
    }

    /// <summary>The bus's reset line: every unit is reset, and agreements are void.</summary>
    public void ResetBus()
    {
        Purge();
        Units.ResetAll();
        Array.Clear(_isWide);
    }

    /// <summary>Everything forgotten, without a word to anybody: the units were switched off and on.</summary>
    public void PowerOn()
    {
        for (var target = 0; target < ScsiBus.Targets; target++)
        {
            while (_nexuses.Any(target, null) is { } nexus)
            {
                _nexuses.Remove(nexus);
                _nexuses.Free(nexus);
            }
        }

        Units.PowerOn();
        _nexus = null;
        Clear();
        Array.Clear(_isWide);
    }

    private void Clear()
    {
        _in.Clear();
        _out.Clear();
        _then = Continuation.Resume;
        (IsRequesting, IsAcknowledging, IsAttention, IsFresh, Phase) = (false, false, false, false, LsiPhase.DataOut);
    }

    private void Execute(ReadOnlySpan<byte> message)
    {
        var nexus = _nexus!;
        switch ((LsiMessage)message[0])
        {
            case >= LsiMessage.Identify:
                Identify(nexus, message[0]);
                break;
            case >= LsiMessage.SimpleQueueTag and <= LsiMessage.OrderedQueueTag when nexus is { Task: null, Status: null }:
                (nexus.Attribute, nexus.Tag) = ((ScsiTaskAttribute)message[0], message[1]);
                break;
            case LsiMessage.Extended:
                Negotiate(nexus, message);
                break;
            case LsiMessage.NoOperation:
                break;
            case LsiMessage.InitiatorDetectedError:
                TakeDetectedError(nexus);
                break;
            case LsiMessage.Reject:
                TakeRejection(nexus);
                break;
            case LsiMessage.ParityError:
                _in.Repeat();
                break;
            case LsiMessage.Abort or LsiMessage.ClearQueue:
                EndUnit(nexus)?.AbortAll();
                break;
            case LsiMessage.AbortTag:
                End(nexus);
                if (nexus.IsIdentified && _nexuses.Find(nexus.Target, nexus.Lun, nexus.Tag) is { } other)
                {
                    Abort(other);
                }

                break;
            case LsiMessage.BusDeviceReset:
                End(nexus);
                AbortTasks(nexus.Target, null);
                ResetTarget(nexus.Target);
                break;
            case LsiMessage.LogicalUnitReset:
                EndUnit(nexus)?.Reset();
                break;
            default:
                _in.Add((byte)LsiMessage.Reject);
                break;
        }
    }

    // In the middle of a command it says again what is known; another unit would be a mistake, and is one of the initiator's.
    private static void Identify(LsiNexus nexus, byte message)
    {
        const int MayDisconnect = 0x40, LogicalUnit = 0x3F;
        (nexus.MayDisconnect, nexus.IsIdentified) = ((message & MayDisconnect) != 0, true);
        if (nexus is { Task: null, Status: null })
        {
            nexus.Lun = message & LogicalUnit;
        }
    }

    // The data are no good: the command ends. The status is said again (SCSI-2, 6.6.7).
    private void TakeDetectedError(LsiNexus nexus)
    {
        if (nexus.Task is { } task)
        {
            nexus.Offset = 0;
            task.Terminate(ScsiSense.InitiatorDetectedError);
            nexus.NoteEnd();
        }
        else if (_then == Continuation.Complete)
        {
            _in.Clear();
            _then = Continuation.Resume;
        }
    }

    private void TakeRejection(LsiNexus nexus)
    {
        if (_then == Continuation.Disconnect)
        {
            // Then the target stays, and the pointers are where they were.
            (_then, nexus.MayDisconnect) = (Continuation.Resume, false);
        }
    }

    private void Negotiate(LsiNexus nexus, ReadOnlySpan<byte> message)
    {
        switch ((LsiExtendedMessage)(message.Length > 2 ? message[2] : 0))
        {
            case LsiExtendedMessage.Synchronous when message[1] == 3:
                _in.Add((byte)LsiMessage.Extended, 3, message[2], Math.Max(message[3], FastestPeriod), Math.Min(message[4], LongestOffset));
                break;
            case LsiExtendedMessage.Wide when message[1] == 2:
                var width = Math.Min(message[3], (byte)1);
                _isWide[nexus.Target] = width != 0;
                _in.Add((byte)LsiMessage.Extended, 2, message[2], width);
                break;
            case LsiExtendedMessage.ParallelProtocol when message[1] == 6:
                var wide = Math.Min(message[6], (byte)1);
                _isWide[nexus.Target] = wide != 0;
                _in.Add((byte)LsiMessage.Extended, 6, message[2], Math.Max(message[3], FastestPeriod), 0, Math.Min(message[5], LongestOffset), wide, 0);
                break;
            default:
                _in.Add((byte)LsiMessage.Reject);
                break;
        }
    }

    // The bus free phase that a message leads to: unexpected, unless the driver has said otherwise in SCNTL2.
    private void End(LsiNexus nexus)
    {
        nexus.Task?.Abort();
        Free(isLegal: false);
        _nexuses.Free(nexus);
    }

    // The unit whose commands are given up. Without IDENTIFY there is none: the bus becomes free, and that is all (SCSI-2, 6.6).
    private ScsiLogicalUnit? EndUnit(LsiNexus nexus)
    {
        End(nexus);
        if (!nexus.IsIdentified)
        {
            return null;
        }

        AbortTasks(nexus.Target, nexus.Lun);
        return Units.Unit(nexus.Target, nexus.Lun);
    }

    private void Abort(LsiNexus nexus)
    {
        nexus.Task?.Abort();
        _nexuses.Remove(nexus);
        _nexuses.Free(nexus);
    }

    private void AbortTasks(int target, int? lun)
    {
        while (_nexuses.Any(target, lun) is { } nexus)
        {
            Abort(nexus);
        }
    }

    private void ResetTarget(int target)
    {
        _isWide[target] = false;
        Units.ResetTarget(target);
    }
}
