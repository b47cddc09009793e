using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

internal sealed partial class SequenceBuilder
{
    private void AddItem(int item, int items)
    {
        switch (_random.Below(100))
        {
            case < 12 when TryAddJump(item, items):
                break;
            case < 15:
                AddString();
                break;
            case < 18:
                AddDivision();
                break;
            case < 21:
                AddCall();
                break;
            case < 24:
                AddIndirectJump();
                break;
            case < 27:
                AddFlagsLoad();
                break;
            case < 36:
                AddPlain(s_compares);
                _ = TryAddJump(item, items);
                break;
            default:
                AddPlain(s_pool);
                if (_random.Chance(30))
                {
                    AddPlain(s_readers);
                }

                break;
        }
    }

    /// <summary>An instruction of the pool that leaves the reserved registers alone and reads no undefined flag.</summary>
    private void AddPlain(Form[] pool)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            _form = _random.Pick<Form>(pool);
            _instruction = default;
            _instruction.Code = _form.Code;
            _instruction.HasLockPrefix = _form.Prefix == FormPrefix.Lock;
            if (TrySetOperands() && (_instruction.RflagsRead & _undefined) == 0 && LeavesReservedAlone() && IsEncodable())
            {
                Add(_instruction);
                return;
            }
        }
    }

    private bool TrySetOperands()
    {
        for (int i = 0; i < _form.Info.OpCount; i++)
        {
            OpCodeOperandKind kind = _form.Info.GetOpKind(i);
            if (IsMemory(kind))
            {
                _instruction.SetOpKind(i, OpKind.Memory);
                if (!TrySetMemory(kind))
                {
                    return false;
                }
            }
            else if (!TrySetOperand(i, kind, has67: false))
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySetMemory(OpCodeOperandKind kind)
    {
        int size = Math.Max(_instruction.MemorySize.GetSize(), 1);
        int pointer = _random.Chance(50) ? _firstPointer : _secondPointer;
        long displacement = _random.Chance(70) ? (sbyte)_random.Next() : _random.Between(-0x180, 0x300);
        bool hasIndex = _random.Chance(30);
        if (_random.Below(80) == 0)
        {
            Count("page fault in a sequence");
            int outside = _random.Chance(50) ? -_random.Between(1, size) : DiffLayout.WritableSize - size + _random.Between(1, size);
            displacement = (long)(_case.DataBase - _case.Gpr[pointer]) + outside;
            hasIndex = false;
        }

        int shift = hasIndex ? _random.Below(4) : 0;
        ulong address = _case.Gpr[pointer] + (hasIndex ? _case.Gpr[_index] << shift : 0) + (ulong)displacement;
        if (kind == OpCodeOperandKind.mem_offs)
        {
            _instruction.MemoryDisplSize = 8;
            _instruction.MemoryDisplacement64 = address;
            return true;
        }

        bool isAtomic = _form.Prefix == FormPrefix.Lock || _form.Family == "Exchange";
        if (isAtomic && (address & (ulong)(size - 1)) != 0)
        {
            return false;
        }

        _instruction.MemoryBase = Register.RAX + pointer;
        _instruction.MemoryIndex = hasIndex ? Register.RAX + _index : Register.None;
        _instruction.MemoryIndexScale = 1 << shift;
        _instruction.MemoryDisplacement64 = (ulong)displacement;
        _instruction.MemoryDisplSize = displacement == (sbyte)displacement ? 1 : 8;
        return true;
    }

    private bool LeavesReservedAlone()
    {
        foreach (UsedRegister used in _infos.GetInfo(_instruction).GetUsedRegisters())
        {
            bool isWritten = used.Access is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite;
            if (!isWritten || !used.Register.IsGPR())
            {
                continue;
            }

            int number = Number(used.Register);
            bool isStackPointer = number == Rsp && _form.Info.IsStackInstruction && _instruction.Op0Register.GetFullRegister() != Register.RSP;
            if ((_reserved & (1u << number)) != 0 && !isStackPointer)
            {
                return false;
            }
        }

        // PUSH and POP move RSP by a few words; POP to memory would count from another RSP than ours.
        return !_form.Info.IsStackInstruction || _form.Mnemonic is not Mnemonic.Pop || _instruction.Op0Kind == OpKind.Register;
    }

    /// <summary>High byte registers do not go with REX, and the like.</summary>
    private bool IsEncodable()
    {
        CodeBytes scratch = new();
        scratch.Start(new byte[32], 0);
        return Encoder.Create(64, scratch).TryEncode(_instruction, _case.Entry, out _, out _);
    }

    private static MemoryOperand Near(int pointer, long displacement) => new(Register.RAX + pointer, displacement, 8);

    private bool TryAddJump(int item, int items)
    {
        bool isConditional = _random.Chance(85);
        Instruction jump = Instruction.CreateBranch(isConditional ? _random.Pick<Code>(s_jumps) : Code.Jmp_rel8_64, 0);
        if ((jump.RflagsRead & _undefined) != 0)
        {
            return false;
        }

        Count("forward jump");
        _jumps.Add((item + _random.Between(1, Math.Min(5, Math.Max(items - item, 1))) + (isConditional ? 0 : 1), _code.Count, _undefined));
        Add(jump);
        return true;
    }

    /// <summary>Points RSI and RDI into the pages and runs a string instruction a few times.</summary>
    private void AddString()
    {
        if (_counter == 1)
        {
            return;
        }

        Form form = _random.Pick<Form>(s_strings);
        Count("string in a sequence");
        Add(Instruction.Create(Code.Lea_r64_m, Register.RDI, Near(_firstPointer, _random.Between(0, 0x200))));
        Add(Instruction.Create(Code.Lea_r64_m, Register.RSI, Near(_secondPointer, _random.Between(-0x100, 0x200))));
        Add(Instruction.Create(Code.Mov_r32_imm32, Register.ECX, _random.Below(24)));
        Add(Instruction.Create(_random.Chance(70) ? Code.Cld : Code.Std));
        _form = form;
        _instruction = default;
        _instruction.Code = form.Code;
        _instruction.HasRepPrefix = form.Prefix == FormPrefix.Rep;
        _instruction.HasRepnePrefix = form.Prefix == FormPrefix.Repne;
        for (int i = 0; i < form.Info.OpCount; i++)
        {
            _ = TrySetOperand(i, form.Info.GetOpKind(i), has67: false);
        }

        Add(_instruction);
    }

    /// <summary>Divides by an odd number with nothing in RDX; now and then by whatever is there, to fault in the middle.</summary>
    private void AddDivision()
    {
        int divisor;
        do
        {
            divisor = ChooseNumber();
        }
        while ((_reserved & (1u << divisor)) != 0 || divisor is 0 or 2);

        bool is64 = _random.Chance(50);
        if (_random.Chance(90))
        {
            Add(Instruction.Create(Code.Mov_r32_imm32, Register.EDX, 0));
            Add(Instruction.Create(Code.Or_rm32_imm8, Register.EAX + divisor, 1));
        }

        Add(is64
            ? Instruction.Create(Code.Div_rm64, Register.RAX + divisor)
            : Instruction.Create(Code.Div_rm32, Register.EAX + divisor));
    }

    /// <summary>Calls two instructions that return.</summary>
    private void AddCall()
    {
        Count("call and return");
        int call = _code.Count;
        Add(Instruction.CreateBranch(Code.Call_rel32_64, 0));
        RflagsBits atCall = _undefined;
        int jump = _code.Count;
        Add(Instruction.CreateBranch(Code.Jmp_rel8_64, 0));
        SetTarget(call, _code.Count);
        _undefined = atCall;
        int before = _code.Count;
        AddPlain(s_pool);
        AddPlain(s_readers);
        for (int i = before; i < _code.Count; i++)
        {
            if (_code[i].OpCode.IsStackInstruction)
            {
                // The return address must be on top.
                Instruction nothing = Instruction.Create(Code.Nopd);
                nothing.Length = 1;
                nothing.IP = _code[i].IP;
                _code[i] = nothing;
            }
        }

        Add(Instruction.Create(Code.Retnq));
        SetTarget(jump, _code.Count);
    }

    /// <summary>Takes the next instruction's address and jumps there.</summary>
    private void AddIndirectJump()
    {
        int register;
        do
        {
            register = ChooseNumber();
        }
        while ((_reserved & (1u << register)) != 0);

        Count("indirect jump");
        int lea = _code.Count;
        Add(Instruction.Create(Code.Lea_r64_m, Register.RAX + register, new MemoryOperand(Register.RIP, 0L, 8)));
        Add(Instruction.Create(Code.Jmp_rm64, Register.RAX + register));
        SetTarget(lea, _code.Count);
    }

    private void AddFlagsLoad()
    {
        Count("POPF in a sequence");
        Add(Instruction.Create(Code.Pushq_imm32, (int)(CaseBuilder.RandomFlags(_random) & 0xFFF)));
        Add(Instruction.Create(Code.Popfq));
        _undefined = RflagsBits.None;
    }

    private void AddLoopEnd(int top)
    {
        int branch;
        if (_counter == 1)
        {
            Count("LOOP");
            branch = _code.Count;
            Add(Instruction.CreateBranch(Code.Loop_rel8_64_RCX, 0));
        }
        else
        {
            Add(_random.Below(3) switch
            {
                0 => Instruction.Create(Code.Dec_rm64, Register.RAX + _counter),
                1 => Instruction.Create(Code.Sub_rm32_imm8, Register.EAX + _counter, 1),
                _ => Instruction.Create(Code.Add_rm64_imm8, Register.RAX + _counter, -1),
            });
            branch = _code.Count;
            Add(Instruction.CreateBranch(Code.Jne_rel8_64, 0));
        }

        SetTarget(branch, top);
    }
}
