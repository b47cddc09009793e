using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Executes the script on the I/O thread (data sheet, "Instructions").</summary>
/// <remarks>
/// Everything here belongs to that thread, except where a member says otherwise. The loop takes no lock and issues no
/// fence: between two accesses of a script stands what the script and the bus put there.
/// </remarks>
internal sealed partial class DmaTestScript(DmaTestFunction function) : IoWork
{
    // What a turn on the I/O thread may cost, in units of about 3 ns: then other queues have theirs.
    private const int Turn = 1 << 15;

    // More than a read takes: who waits gives way after some 20 us, as whom it waits for may need this processor.
    private const int CostOfWaiting = 16;

    private readonly ulong[] _registers = new ulong[DmaTestRegisters.ScriptRegisters + 1];
    private readonly DmaTestOperation[] _code = new DmaTestOperation[DmaTestInstruction.Slots];
    private DmaContext _dma = null!;
    private IoQueue _queue = null!;
    private bool _isUnderWay;
    private int _next;
    private long _executed;
    private long _reads;
    private long _instructionLimit;
    private long _waitLimit;
    private ulong _fault;

    // How the script ended, while it does.
    private DmaTestState _state;
    private DmaTestError _error;
    private DmaStatus _refusal;

    private volatile bool _stop;

    private enum Step
    {
        Next,
        GiveWay,
        Over,
    }

    /// <summary>Ends the script before its next instruction. Any thread; taken back when the doorbell is rung.</summary>
    public bool StopRequested
    {
        get => _stop;
        set => _stop = value;
    }

    /// <summary>Takes over registers and program when a script starts. Under the device's lock.</summary>
    /// <param name="script">The script's bytes.</param>
    /// <param name="registers">The device's registers.</param>
    /// <param name="start">The first slot.</param>
    public void TakeOver(ReadOnlySpan<byte> script, RegisterFile<DmaTestRegister> registers, ulong start)
    {
        var instructions = MemoryMarshal.Cast<byte, DmaTestInstruction>(script);
        for (var slot = 0; slot < _code.Length; slot++)
        {
            _code[slot] = new DmaTestOperation(in instructions[slot]);
        }

        for (var i = 0; i < DmaTestRegisters.ScriptRegisters; i++)
        {
            _registers[i] = registers[DmaTestRegisters.R(i)];
        }

        _instructionLimit = (long)registers[DmaTestRegister.InstructionLimit];
        _waitLimit = (long)registers[DmaTestRegister.WaitLimit];
        _next = (int)Math.Min(start, DmaTestInstruction.Slots);
        (_executed, _reads, _fault) = (0, 0, 0);
    }

    /// <summary>Forgets the script and the buffer. With the queue reset.</summary>
    public void Clear()
    {
        _isUnderWay = false;
        Array.Clear(_buffer);
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        (_dma, _queue) = (function.Dma, function.Queue);
        if (!_isUnderWay)
        {
            if (!function.Begin(this))
            {
                return;
            }

            _isUnderWay = true;
        }

        switch (Execute())
        {
            case Step.Over:
                _isUnderWay = false;
                function.End(Result());
                break;
            case Step.GiveWay:
                _queue.Post(this);
                break;
            default:
                break;
        }
    }

    private DmaTestResult Result() => new(
        _state, _error, _refusal, Math.Min(_next, DmaTestInstruction.Slots) - 1, _fault, (ulong)_executed, _registers.AsSpan(0, DmaTestRegisters.ScriptRegisters));

    private Step Execute()
    {
        var code = _code;
        var r = _registers;
        for (var budget = Turn; budget > 0; budget--)
        {
            if (_queue.IsStale)
            {
                return Step.GiveWay;        // what stale work posts is dropped
            }

            var next = _next++;
            if (_stop)
            {
                return Ended(DmaTestState.Stopped);
            }

            if ((uint)next >= (uint)code.Length)
            {
                return Failed(DmaTestError.Target);
            }

            if (_executed == _instructionLimit)
            {
                return Failed(DmaTestError.Limit);
            }

            _executed++;
            ref readonly var op = ref code[next];
            ulong address;
            DmaStatus status;
            switch (op.Opcode)
            {
                case DmaTestOpcode.End:
                    return Ended(DmaTestState.Done);
                case DmaTestOpcode.Delay:
                    budget -= Delay(Word(in op)) >> 2;
                    continue;

                case DmaTestOpcode.Write:
                    address = Address(in op);
                    status = Store(in op, address, Word(in op));
                    break;
                case DmaTestOpcode.Read:
                    address = Address(in op);
                    status = Load(in op, address, out r[op.A]);
                    break;
                case DmaTestOpcode.Publish:
                    address = Address(in op);
                    status = Publish(in op, address, Word(in op));
                    break;
                case DmaTestOpcode.Wait:
                    var step = Wait(in op, ref budget);
                    if (step == Step.Next)
                    {
                        continue;
                    }

                    return step;
                case DmaTestOpcode.Record:
                    if (op.Immediate < 1)
                    {
                        return Failed(DmaTestError.Operand);
                    }

                    address = Address(in op) + (Math.Min(r[op.C], (ulong)op.Immediate - 1) << op.Log2Size);
                    status = Load(in op, address, out var count);
                    if (status == DmaStatus.Ok)
                    {
                        status = Store(in op, address, count + 1);
                    }

                    break;

                case DmaTestOpcode.WriteBarrier:
                    _dma.WriteBarrier();
                    continue;
                case DmaTestOpcode.ReadBarrier:
                    _dma.ReadBarrier();
                    continue;
                case DmaTestOpcode.FullBarrier:
                    _dma.FullBarrier();
                    continue;

                case DmaTestOpcode.Set:
                    r[op.A] = Long(in op);
                    continue;
                case DmaTestOpcode.Add:
                    r[op.A] = r[op.B] + Long(in op);
                    continue;
                case DmaTestOpcode.Subtract:
                    r[op.A] = r[op.B] - Long(in op);
                    continue;
                case DmaTestOpcode.And:
                    r[op.A] = r[op.B] & Long(in op);
                    continue;
                case DmaTestOpcode.Or:
                    r[op.A] = r[op.B] | Long(in op);
                    continue;
                case DmaTestOpcode.Xor:
                    r[op.A] = r[op.B] ^ Long(in op);
                    continue;
                case DmaTestOpcode.ShiftLeft:
                    r[op.A] = r[op.B] << (int)(Long(in op) & 63);
                    continue;
                case DmaTestOpcode.ShiftRight:
                    r[op.A] = r[op.B] >> (int)(Long(in op) & 63);
                    continue;
                case DmaTestOpcode.Multiply:
                    r[op.A] = r[op.B] * Long(in op);
                    continue;

                case DmaTestOpcode.Branch:
                    if (op.Condition == DmaTestCondition.Reserved)
                    {
                        return Failed(DmaTestError.Operand);
                    }

                    if (op.Holds(r[op.A], Long(in op), 3) && !Jump(op.Immediate))
                    {
                        return Failed(DmaTestError.Target);
                    }

                    continue;
                case DmaTestOpcode.Loop:
                    if (--r[op.A] != 0 && !Jump(op.Immediate))
                    {
                        return Failed(DmaTestError.Target);
                    }

                    continue;

                default:
                    step = ExecuteBulk(in op, ref budget);
                    if (step == Step.Next)
                    {
                        continue;
                    }

                    return step;
            }

            if (status != DmaStatus.Ok)
            {
                return Refused(status, address);
            }
        }

        return Step.GiveWay;
    }

    private bool Jump(int slot)
    {
        if ((uint)slot >= (uint)_code.Length)
        {
            return false;
        }

        _next = slot;
        return true;
    }

    private ulong Address(in DmaTestOperation op) => _registers[op.Base] + op.Value;

    private ulong Word(in DmaTestOperation op) => _registers[op.Operand] + op.Word;

    private ulong Long(in DmaTestOperation op) => _registers[op.Operand] + op.Long;

    private Step Ended(DmaTestState state, DmaTestError error = DmaTestError.None, DmaStatus refusal = DmaStatus.Ok)
    {
        (_state, _error, _refusal) = (state, error, refusal);
        return Step.Over;
    }

    private Step Failed(DmaTestError error) => Ended(DmaTestState.Failed, error);

    private Step Refused(DmaStatus status, ulong address)
    {
        _fault = address;
        return Ended(DmaTestState.Failed, DmaTestError.Dma, status);
    }
}
