using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

internal sealed partial class CaseBuilder
{
    private static readonly Register[] s_flatSegments = [Register.ES, Register.CS, Register.SS, Register.DS];

    /// <summary>Whether the operand's address is only computed.</summary>
    private bool IsAddressOnly => _form.Mnemonic is Mnemonic.Lea or Mnemonic.Nop;

    private bool TrySetMemory(OpCodeOperandKind kind, bool has67)
    {
        int size = Math.Max(_instruction.MemorySize.GetSize(), 1);
        ulong segmentBase = ChooseSegment();
        bool mayBeWild = !has67 && segmentBase == 0 && kind is not (OpCodeOperandKind.mem_offs or OpCodeOperandKind.seg_rBX_al);
        _target = ChooseTarget(size, mayBeWild);
        if (IsAddressOnly && _random.Chance(60))
        {
            _target = _random.Interesting(has67 ? 32 : 64);
        }

        _hasTarget = true;
        ulong offset = _target - segmentBase;
        if (has67)
        {
            Count("address size 67h");
        }

        bool ok = kind switch
        {
            OpCodeOperandKind.mem_offs => SetAddress(Register.None, Register.None, 1, offset, has67 ? 4 : 8),
            OpCodeOperandKind.seg_rBX_al => SetTranslation(offset, has67),
            _ => TrySetAddress(offset, has67),
        };
        if (ok && !IsAddressOnly)
        {
            _case.Poke(_target, _random.Interesting(64), Math.Min(size, 8));
        }

        return ok;
    }

    /// <summary>Overrides the segment now and then; returns its base.</summary>
    private ulong ChooseSegment()
    {
        int choice = _random.Below(100);
        if (choice < 6)
        {
            _instruction.SegmentPrefix = Register.GS;
            Count("GS override");
            return IsAddressOnly ? 0 : DiffLayout.GsBase;
        }

        if (choice < 12)
        {
            _instruction.SegmentPrefix = _random.Pick<Register>(s_flatSegments);
            Count("flat segment override");
        }

        return 0;
    }

    /// <summary>A linear address for an operand: mostly inside, now and then across a page, where it faults, or non-canonical.</summary>
    private ulong ChooseTarget(int size, bool mayBeWild)
    {
        bool isAtomic = _form.Prefix == FormPrefix.Lock || _form.Mnemonic == Mnemonic.Xchg || _form.Mnemonic == Mnemonic.Cmpxchg16b;
        int choice = _random.Below(100);
        long offset;
        if (_form.Family == "Bit test")
        {
            offset = _random.Between(0x800, 0x1800); // a register's bit offset reaches 1 KiB to either side
        }
        else if (choice < 2)
        {
            offset = DiffLayout.WritableSize - size + _random.Between(1, 2 * size);
            Count("page not mapped");
        }
        else if (choice < 4)
        {
            offset = -_random.Between(1, 2 * size);
            Count("page read-only");
        }
        else if (choice == 4 && mayBeWild)
        {
            Count("non-canonical address");
            ulong wild = SignOfNonCanonical | (_random.Next() >> 4);
            return size == 16 ? wild & ~15UL : wild; // two faults at once are reported in either order
        }
        else if (choice < 20)
        {
            offset = DiffLayout.PageSize - _random.Below(size + 1);
            Count("page crossing");
        }
        else
        {
            offset = _random.Between(0x40, DiffLayout.WritableSize - 0x240);
        }

        ulong target = _case.DataBase + (ulong)offset;
        if (isAtomic)
        {
            // A host may slow down or stop a program that locks across cache lines. 16 bytes must be aligned, or fault.
            return size == 16 && _random.Chance(10) ? (target & ~0x3FUL) + 4 : target & ~(ulong)(size - 1);
        }

        return _random.Chance(40) && choice >= 20 ? target & ~15UL : target;
    }

    private bool SetTranslation(ulong offset, bool has67)
    {
        Pin(Rbx, (offset - (byte)_case.Gpr[Rax]) & (has67 ? uint.MaxValue : ulong.MaxValue));
        if (has67)
        {
            _case.Gpr[Rbx] |= _random.Next() << 32;
        }

        _instruction.MemoryBase = has67 ? Register.EBX : Register.RBX;
        _instruction.MemoryIndex = Register.AL;
        _instruction.MemoryDisplSize = 0;
        return true;
    }

    private bool SetAddress(Register @base, Register index, int scale, ulong displacement, int displacementSize)
    {
        _instruction.MemoryBase = @base;
        _instruction.MemoryIndex = index;
        _instruction.MemoryIndexScale = scale;
        _instruction.MemoryDisplacement64 = displacementSize == 4 && @base != Register.EIP ? (uint)displacement : displacement;
        _instruction.MemoryDisplSize = displacementSize;
        return true;
    }

    /// <summary>Finds registers, scale and displacement whose sum is <paramref name="offset"/>.</summary>
    private bool TrySetAddress(ulong offset, bool has67)
    {
        int shape = _random.Below(100);
        bool isNear = offset <= int.MaxValue;
        int displacementSize = has67 ? 4 : 8;
        if (shape < 8 && isNear)
        {
            return SetAddress(Register.None, Register.None, 1, offset, displacementSize);
        }

        if (shape < 16 && isNear)
        {
            Count("RIP-relative");
            return SetAddress(has67 ? Register.EIP : Register.RIP, Register.None, 1, offset, displacementSize);
        }

        int baseNumber = shape < 24 ? -1 : _random.Below(16);
        int indexNumber = shape < 24 || shape > 60 ? _random.Below(16) : -1;
        if (indexNumber == Rsp)
        {
            return false;
        }

        int scaleShift = indexNumber >= 0 ? _random.Below(4) : 0;
        if (indexNumber >= 0 && indexNumber != baseNumber && !IsPinned(indexNumber))
        {
            // Without a base the displacement must bridge the rest.
            _case.Gpr[indexNumber] = baseNumber < 0 || IsPinned(baseNumber) ? _random.Interesting(20) : _random.InterestingRegister();
        }

        long displacement = ChooseDisplacement();
        if (baseNumber >= 0 && baseNumber == indexNumber && !IsPinned(baseNumber))
        {
            _case.Gpr[baseNumber] = (offset - (ulong)displacement) / (1 + (1UL << scaleShift));
        }

        ulong scaled = indexNumber < 0 ? 0 : _case.Gpr[indexNumber] << scaleShift;
        if (baseNumber >= 0 && baseNumber != indexNumber && !IsPinned(baseNumber))
        {
            _case.Gpr[baseNumber] = offset - scaled - (ulong)displacement;
        }

        // What is left over is the displacement, if it is not too far.
        ulong sum = (baseNumber < 0 ? 0 : _case.Gpr[baseNumber]) + scaled;
        displacement = has67 ? (int)(uint)(offset - sum) : (long)(offset - sum);
        if (displacement != (int)displacement)
        {
            return false;
        }

        if (has67)
        {
            Dirty(baseNumber);
            Dirty(indexNumber);
        }

        Register first = has67 ? Register.EAX : Register.RAX;
        int size = baseNumber >= 0 && displacement == 0 ? 0
            : baseNumber >= 0 && displacement == (sbyte)displacement && _random.Chance(90) ? 1
            : displacementSize;
        return SetAddress(
            baseNumber < 0 ? Register.None : first + baseNumber,
            indexNumber < 0 ? Register.None : first + indexNumber,
            1 << scaleShift,
            (ulong)displacement,
            size);
    }

    /// <summary>A 32-bit address does not see the upper half.</summary>
    private void Dirty(int register)
    {
        if (register >= 0 && !IsPinned(register))
        {
            _case.Gpr[register] ^= _random.Next() << 32;
        }
    }

    private long ChooseDisplacement() => _random.Below(4) switch
    {
        0 => 0,
        1 or 2 => (sbyte)_random.Next(),
        _ => (int)_random.Interesting(32),
    };

    /// <summary>A stack pointer: mostly inside, now and then where a push or a pop faults, or non-canonical.</summary>
    private ulong ChooseStack()
    {
        int choice = _random.Below(100);
        if (choice < 2)
        {
            return _case.DataBase + (ulong)_random.Below(12);
        }

        if (choice < 4)
        {
            return _case.DataBase + DiffLayout.WritableSize - (ulong)_random.Below(12);
        }

        if (choice == 4)
        {
            return SignOfNonCanonical | (_random.Next() >> 4);
        }

        ulong inside = _case.DataBase + (ulong)_random.Between(0x800, 0x1800);
        return _random.Chance(80) ? inside & ~7UL : inside;
    }
}
