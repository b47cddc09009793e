namespace Emulator.Devices;

/// <summary>Answers for the logical units that a target does not have (SPC-3): each command ends before its start returns, or with data.</summary>
internal sealed class ScsiAbsentUnit : ScsiLogicalUnit
{
    private const byte NotCapable = 0x7F;   // Peripheral qualifier 3, device type 1Fh: no unit can be here.

    private readonly ScsiTaskPool<Answer> _answers;
    private ScsiBus? _bus;
    private int _target;

    /// <summary>For one target.</summary>
    public ScsiAbsentUnit() => _answers = new(() => new Answer(_answers!));

    /// <inheritdoc/>
    public override ScsiTask Start(ReadOnlySpan<byte> command, ScsiTaskAttribute attribute, object? context)
    {
        var block = default(ScsiCommandBlock);
        block.Set(command);
        var answer = _answers.Take();
        answer.Context = context;
        var reply = answer.Clear();
        switch ((ScsiOperationCode)block.Operation)
        {
            case ScsiOperationCode.Inquiry when block.Length >= 6 && (block[1] & 1) == 0 && block[2] == 0:
                (reply[0], reply[2], reply[3], reply[4]) = (NotCapable, ScsiInquiry.Version, ScsiInquiry.ResponseFormat, ScsiInquiry.ShortLength - 5);
                answer.Reply(ScsiInquiry.ShortLength, block.Half(3));
                break;
            case ScsiOperationCode.ReportLuns when block.Length >= 12 && ScsiReportLuns.IsValid(block):
                answer.Reply(ScsiReportLuns.Write(_bus!, _target, block[2], reply), block.ListLength);
                break;
            case ScsiOperationCode.RequestSense when block.Length >= 6:
                answer.Reply(ScsiSense.NoSuchUnit.Write(reply, (block[1] & 1) != 0), block.ListLength);
                break;
            default:
                answer.End(ScsiStatus.CheckCondition);
                break;
        }

        return answer;
    }

    /// <inheritdoc/>
    public override void AbortAll()
    {
    }

    /// <inheritdoc/>
    public override void Reset()
    {
    }

    /// <inheritdoc/>
    public override void PowerOn()
    {
    }

    /// <inheritdoc/>
    protected internal override void Attach(ScsiBus bus, IoQueue queue, int target, int lun) => (_bus, _target) = (bus, target);

    private sealed class Answer(ScsiTaskPool<Answer> pool) : ScsiTask
    {
        private readonly byte[] _buffer = new byte[Math.Max(ScsiInquiry.ShortLength, ScsiReportLuns.MaximumLength)];

        public Span<byte> Clear()
        {
            _buffer.AsSpan().Clear();
            return _buffer;
        }

        public void Reply(int length, uint allocated)
        {
            Data = _buffer.AsMemory(0, (int)Math.Min(length, allocated));
            if (Data.IsEmpty)
            {
                End(ScsiStatus.Good);
            }
            else
            {
                State = ScsiTaskState.DataIn;
            }
        }

        public void End(ScsiStatus status)
        {
            (State, Status, Data) = (ScsiTaskState.Ended, status, default);
            pool.Return(this);
        }

        public override void Continue(int moved)
        {
            if (State == ScsiTaskState.DataIn)
            {
                End(ScsiStatus.Good);
            }
        }

        public override void Terminate(ScsiSense sense)
        {
            if (State == ScsiTaskState.DataIn)
            {
                End(ScsiStatus.CheckCondition);
            }
        }

        public override void Abort() => Continue(0);
    }
}
