using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>What single instructions need to find in registers and memory to do their work rather than fault.</summary>
internal sealed partial class CaseBuilder
{
    /// <summary>Null, the user's data and code segments, the kernel's, one behind the table's end.</summary>
    private static readonly ushort[] s_selectors = [0, 1, 3, 0x28, 0x2B, 0x2B, 0x2B, 0x33, 0x08, 0x10, 0x18, 0x1B, 0x83];

    /// <summary>Not 23h: a kernel without 32-bit programs has no such descriptor.</summary>
    private static readonly ushort[] s_askedSelectors = [0, 3, 0x28, 0x29, 0x2B, 0x30, 0x33, 0x08, 0x10, 0x13, 0x18, 0x83, 0xFFFF];

    private static readonly ushort[] s_farSelectors = [0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x30, 0x2B, 0x10, 0, 0x83];

    private UInt128 _dividend;
    private ulong _divisor;
    private bool _hasDivisor;

    /// <summary>Before a memory operand is placed.</summary>
    private void PrepareRegisters(bool has67)
    {
        _hasDivisor = false;
        switch (_form.Mnemonic)
        {
            case Mnemonic.Div or Mnemonic.Idiv:
                PrepareDivision();
                break;
            case Mnemonic.Bt or Mnemonic.Btc or Mnemonic.Btr or Mnemonic.Bts when _form.IsMemory && _instruction.Op1Kind == OpKind.Register:
                PrepareBitOffset();
                break;
            case Mnemonic.Cmpxchg when !_form.IsMemory && _random.Chance(50):
                _case.Gpr[Number(_instruction.Op0Register)] = _case.Gpr[Rax];
                break;
            case Mnemonic.Cmpxchg or Mnemonic.Cmpxchg8b or Mnemonic.Cmpxchg16b:
                _pinned |= 1u << Rax;
                _pinned |= 1u << Rdx;
                break;
            case Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne or Mnemonic.Jecxz or Mnemonic.Jrcxz:
                _case.Gpr[Rcx] = _random.Below(3) == 0 ? _random.InterestingRegister() : (uint)_random.Below(3) | ((_random.Next() & 1) << 32);
                break;
            case Mnemonic.Jmp or Mnemonic.Call when !_form.IsMemory && _instruction.Op0Kind == OpKind.Register:
                _case.Gpr[Number(_instruction.Op0Register)] = ChoosePad();
                break;
            case Mnemonic.Enter:
                Pin(Rbp, _case.DataBase + (ulong)_random.Between(0x800, 0x1800));
                break;
            case Mnemonic.Leave:
                Pin(Rbp, ChooseStack());
                break;
            case Mnemonic.Mov when _instruction.Op0Kind == OpKind.Register && _instruction.Op0Register.IsSegmentRegister() && !_form.IsMemory:
                ref ulong source = ref _case.Gpr[Number(_instruction.Op1Register)];
                source = (source & ~0xFFFFUL) | _random.Pick<ushort>(s_selectors);
                break;
            case Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw when !_form.IsMemory:
                ref ulong selector = ref _case.Gpr[Number(_instruction.GetOpRegister(_instruction.OpCount - 1))];
                selector = (selector & ~0xFFFFUL) | _random.Pick<ushort>(s_askedSelectors);
                break;
            default:
                break;
        }

        if (_form.Family == "String")
        {
            PrepareString(has67);
        }
        else if (_form.Info.OpCount > 0 && _form.Info.GetOpKind(_form.Info.OpCount - 1) == OpCodeOperandKind.cl)
        {
            Pin(Rcx, (_case.Gpr[Rcx] & ~0xFFUL) | ChooseCount());
        }
    }

    /// <summary>After the memory operand is placed; false if the case cannot work out.</summary>
    private bool PrepareMemory()
    {
        int size = _hasTarget ? _instruction.MemorySize.GetSize() : 0;
        switch (_form.Mnemonic)
        {
            case Mnemonic.Div or Mnemonic.Idiv when _hasDivisor:
                PlaceDivisor();
                break;
            case Mnemonic.Cmpxchg when _form.IsMemory && _random.Chance(50):
                _case.Poke(_target, _case.Gpr[Rax], size);
                break;
            case Mnemonic.Cmpxchg8b or Mnemonic.Cmpxchg16b when _random.Chance(50):
                _case.Poke(_target, _case.Gpr[Rax], size / 2);
                _case.Poke(_target + (ulong)(size / 2), _case.Gpr[Rdx], size / 2);
                break;
            case Mnemonic.Mov when _form.IsMemory && _instruction.Op0Kind == OpKind.Register && _instruction.Op0Register.IsSegmentRegister():
                _case.Poke(_target, _random.Pick<ushort>(s_selectors), 2);
                return !IsReadOnly(_target);
            case Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw when _form.IsMemory:
                _case.Poke(_target, _random.Pick<ushort>(s_askedSelectors), 2);
                return !IsReadOnly(_target);
            case Mnemonic.Lss:
                _case.Poke(_target, _random.Next(), size - 2);
                _case.Poke(_target + (ulong)(size - 2), _random.Pick<ushort>(s_selectors), 2);
                return !IsReadOnly(_target);
            case Mnemonic.Jmp or Mnemonic.Call when _form.Family == "Far transfer":
                _case.Poke(_target, ChoosePad(), size - 2);
                _case.Poke(_target + (ulong)(size - 2), _random.Pick<ushort>(s_farSelectors), 2);
                return !IsReadOnly(_target);
            case Mnemonic.Jmp or Mnemonic.Call when _form.IsMemory:
                _case.Poke(_target, ChoosePad(), 8);
                return !IsReadOnly(_target);
            case Mnemonic.Call when _instruction.Op0Kind == OpKind.Register && Number(_instruction.Op0Register) == Rsp:
                return false;
            case Mnemonic.Ret:
                _case.Poke(_case.Gpr[Rsp], ChoosePad(), 8);
                break;
            case Mnemonic.Retf:
                PlaceFrame(_form.Info.OperandSize / 8, isInterrupt: false);
                return !IsNearTheEnd(_case.Gpr[Rsp]);
            case Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Iretq:
                PlaceFrame(_form.Info.OperandSize / 8, isInterrupt: true);
                return !IsNearTheEnd(_case.Gpr[Rsp]);
            case Mnemonic.Popf or Mnemonic.Popfq:
                _case.Poke(_case.Gpr[Rsp], ChooseLoadedFlags(), 8);
                break;
            default:
                break;
        }

        return true;
    }

    /// <summary>The read-only page holds noise: no pointers to pads.</summary>
    private bool IsReadOnly(ulong address) => address - DiffLayout.DataSlot(_case.Slot) < DiffLayout.PageSize;

    /// <summary>Processors fetch a frame in pieces of their own; which page faults first is not told.</summary>
    private bool IsNearTheEnd(ulong address) => address - _case.DataBase - (DiffLayout.WritableSize - 64) < 64;

    /// <summary>Any flags but TF, whose trap the host's signal handler would see one instruction later.</summary>
    private ulong ChooseLoadedFlags() => _random.Chance(50) ? RandomFlags(_random) : _random.Next() & ~0x100UL;

    private void PlaceFrame(int size, bool isInterrupt)
    {
        ulong at = _case.Gpr[Rsp];
        _case.Poke(at, ChoosePad(), size);
        _case.Poke(at + (ulong)size, _random.Pick<ushort>(s_farSelectors), size);
        if (isInterrupt)
        {
            _case.Poke(at + (2 * (ulong)size), ChooseLoadedFlags(), size);
            _case.Poke(at + (3 * (ulong)size), _random.InterestingRegister(), size);
            _case.Poke(at + (4 * (ulong)size), _random.Chance(85) ? DiffLayout.UserData : _random.Pick<ushort>(s_selectors), size);
        }
    }

    /// <summary>The bit's byte is at most 1 KiB away from the operand.</summary>
    private void PrepareBitOffset()
    {
        int register = Number(_instruction.Op1Register);
        int bits = _instruction.Op1Register.GetSize() * 8;
        long offset = _random.Chance(50) ? _random.Between(-0x2000, 0x1FFF) : _random.Between(-70, 70);
        ulong mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        Pin(register, (_random.Next() & ~mask) | ((ulong)offset & mask));
    }

    /// <summary>Four times in five a quotient that fits.</summary>
    private void PrepareDivision()
    {
        if (_random.Chance(20))
        {
            return;
        }

        int bits = Math.Max(_form.Info.OperandSize, 8);
        if (_form.Code is Code.Div_rm8 or Code.Idiv_rm8)
        {
            bits = 8;
        }

        ulong divisor = _random.Interesting(bits);
        divisor = divisor == 0 ? 1 : divisor;
        ulong quotient = _random.Interesting(bits);
        ulong remainder = _random.Next();
        if (_form.Mnemonic == Mnemonic.Div)
        {
            _dividend = ((UInt128)quotient * divisor) + (remainder % divisor);
        }
        else
        {
            Int128 signedDivisor = SignExtend(divisor, bits);
            Int128 signedRemainder = remainder % (ulong)Int128.Min(Int128.Abs(signedDivisor), ulong.MaxValue);
            Int128 product = SignExtend(quotient, bits) * signedDivisor;
            _dividend = (UInt128)(product < 0 ? product - signedRemainder : product + signedRemainder);
        }

        _divisor = divisor;
        _hasDivisor = true;
        if (bits == 8)
        {
            Pin(Rax, (_case.Gpr[Rax] & ~0xFFFFUL) | (ushort)_dividend);
            return;
        }

        ulong mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        Pin(Rax, (_case.Gpr[Rax] & ~mask) | ((ulong)_dividend & mask));
        Pin(Rdx, (_case.Gpr[Rdx] & ~mask) | ((ulong)(_dividend >> bits) & mask));
    }

    private static Int128 SignExtend(ulong value, int bits) => (long)(value << (64 - bits)) >> (64 - bits);

    private void PlaceDivisor()
    {
        if (_form.IsMemory)
        {
            _case.Poke(_target, _divisor, _instruction.MemorySize.GetSize());
            return;
        }

        Register register = _instruction.Op0Register;
        int number = Number(register);
        if (IsPinned(number))
        {
            return;
        }

        bool isHigh = register is Register.AH or Register.CH or Register.DH or Register.BH;
        _case.Gpr[number] = isHigh
            ? (_case.Gpr[number] & ~0xFF00UL) | (_divisor << 8)
            : register.GetSize() == 8 ? _divisor : (_random.Next() << (8 * register.GetSize())) | _divisor;
    }

    private void PrepareString(bool has67)
    {
        int size = _instruction.MemorySize.GetSize();
        bool isRepeated = _form.Prefix != FormPrefix.None;
        int count = isRepeated ? _random.Below(4) == 0 ? _random.Below(3) : _random.Below(33) : 1;
        if (isRepeated)
        {
            Pin(Rcx, (ulong)count);
        }

        ulong source = ChooseRun(count * size);
        ulong destination = _random.Chance(20) ? source + (ulong)(long)_random.Between(-16, 16) : ChooseRun(count * size);
        if (_form.Mnemonic is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq)
        {
            MakeRunsEqual(source, destination, size, _random.Below(count + 1));
        }
        else if (_form.Mnemonic is Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Scasq)
        {
            FillRun(destination, size, _random.Below(count + 1), _form.Prefix == FormPrefix.Repne);
        }

        Pin(Rsi, source - (_random.Chance(8) && TrySetStringSegment() ? DiffLayout.GsBase : 0));
        Pin(Rdi, destination);
        if (isRepeated && count == 0 && _random.Chance(50))
        {
            // Nothing is accessed, so anything goes.
            Pin(Rsi, _random.Next());
            Pin(Rdi, _random.Next());
        }

        if (has67)
        {
            Count("address size 67h on a string");
            _case.Gpr[Rsi] = (uint)_case.Gpr[Rsi] | (_random.Next() << 32);
            _case.Gpr[Rdi] = (uint)_case.Gpr[Rdi] | (_random.Next() << 32);
            _case.Gpr[Rcx] = isRepeated ? (uint)_case.Gpr[Rcx] | (_random.Next() << 32) : _case.Gpr[Rcx];
        }
    }

    private bool TrySetStringSegment()
    {
        for (int i = 0; i < _form.Info.OpCount; i++)
        {
            if (_form.Info.GetOpKind(i) == OpCodeOperandKind.seg_rSI)
            {
                _instruction.SegmentPrefix = Register.GS;
                Count("GS override on a string");
                return true;
            }
        }

        return false;
    }

    /// <summary>The first element of a run of <paramref name="length"/> bytes in DF's direction; now and then it runs out of the pages.</summary>
    private ulong ChooseRun(int length)
    {
        bool isDown = (_case.Rflags & 0x400) != 0;
        Count(isDown ? "string down" : "string up");
        int offset = _random.Chance(6)
            ? isDown ? _random.Below(length + 1) : DiffLayout.WritableSize - 1 - _random.Below(length + 1)
            : _random.Between(0x400, 0x1C00);
        return _case.DataBase + (ulong)offset;
    }

    private void MakeRunsEqual(ulong source, ulong destination, int size, int count)
    {
        long step = (_case.Rflags & 0x400) != 0 ? -size : size;
        for (int i = 0; i < count; i++)
        {
            _case.Poke(destination + (ulong)(i * step), _case.Peek(source + (ulong)(i * step), size), size);
        }
    }

    /// <summary>Makes SCAS go on for <paramref name="count"/> elements: equal ones under REPE, others under REPNE until then.</summary>
    private void FillRun(ulong destination, int size, int count, bool untilEqual)
    {
        long step = (_case.Rflags & 0x400) != 0 ? -size : size;
        if (untilEqual)
        {
            _case.Poke(destination + (ulong)(count * step), _case.Gpr[Rax], size);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            _case.Poke(destination + (ulong)(i * step), _case.Gpr[Rax], size);
        }
    }
}
