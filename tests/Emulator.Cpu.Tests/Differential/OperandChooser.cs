using System.Runtime.InteropServices;
using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Chooses registers, immediates and branch targets for an instruction; where memory is, its heirs decide.</summary>
internal abstract class OperandChooser
{
    private static readonly Register[] s_loadableSegments = [Register.ES, Register.DS, Register.SS, Register.ES, Register.DS, Register.CS];
    private static readonly Register[] s_readableSegments = [Register.ES, Register.CS, Register.SS, Register.DS, Register.FS, Register.GS];
    private static readonly Register[] s_controlRegisters = [Register.CR0, Register.CR2, Register.CR3, Register.CR4, Register.CR8];
    private static readonly Register[] s_debugRegisters = [Register.DR0, Register.DR1, Register.DR2, Register.DR3, Register.DR6, Register.DR7];

    private protected SplitMix _random = new(0);
    private protected Form _form = FormCatalog.Forms[0];
    private protected Instruction _instruction;

    /// <summary>How many cases had each of the features that are chosen at random: the coverage test wants all of them.</summary>
    public Dictionary<string, long> Features { get; } = [];

    /// <summary>A general register, 0–15.</summary>
    private protected virtual int ChooseNumber() => _random.Below(16);

    /// <summary>Where a branch goes.</summary>
    private protected abstract ulong ChooseBranchTarget();

    private protected void Count(string feature)
    {
        ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(Features, feature, out _);
        count++;
    }

    private protected static int Number(Register register) => (int)(register.GetFullRegister() - Register.RAX);

    private protected bool IsMemory(OpCodeOperandKind kind) => kind switch
    {
        OpCodeOperandKind.mem or OpCodeOperandKind.mem_offs or OpCodeOperandKind.seg_rBX_al => true,
        OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem => _form.IsMemory,
        _ => false,
    };

    /// <summary>Chooses any operand but a memory one with an address of its own.</summary>
    private protected bool TrySetOperand(int operand, OpCodeOperandKind kind, bool has67)
    {
        Register register = ChooseRegister(kind, operand);
        if (register != Register.None)
        {
            _instruction.SetOpKind(operand, OpKind.Register);
            _instruction.SetOpRegister(operand, register);
            return true;
        }

        switch (kind)
        {
            case OpCodeOperandKind.br64_1:
            case OpCodeOperandKind.br64_4:
                _instruction.SetOpKind(operand, OpKind.NearBranch64);
                _instruction.NearBranch64 = ChooseBranchTarget();
                return true;
            case OpCodeOperandKind.seg_rSI:
                _instruction.SetOpKind(operand, has67 ? OpKind.MemorySegESI : OpKind.MemorySegRSI);
                return true;
            case OpCodeOperandKind.es_rDI:
                _instruction.SetOpKind(operand, has67 ? OpKind.MemoryESEDI : OpKind.MemoryESRDI);
                return true;
            default:
                return TrySetImmediate(operand, kind);
        }
    }

    private Register ChooseRegister(OpCodeOperandKind kind, int operand) => kind switch
    {
        OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode => ChooseByteRegister(),
        OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r16_opcode
            => Register.AX + ChooseNumber(),
        OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r32_opcode
            or OpCodeOperandKind.r32_vvvv => Register.EAX + ChooseNumber(),
        OpCodeOperandKind.r64_or_mem or OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_rm or OpCodeOperandKind.r64_opcode
            or OpCodeOperandKind.r64_vvvv => Register.RAX + ChooseNumber(),
        OpCodeOperandKind.seg_reg => _random.Pick<Register>(operand == 0 ? s_loadableSegments : s_readableSegments),
        OpCodeOperandKind.cr_reg => _random.Pick<Register>(s_controlRegisters),
        OpCodeOperandKind.dr_reg => _random.Pick<Register>(s_debugRegisters),
        OpCodeOperandKind.es => Register.ES,
        OpCodeOperandKind.cs => Register.CS,
        OpCodeOperandKind.ss => Register.SS,
        OpCodeOperandKind.ds => Register.DS,
        OpCodeOperandKind.fs => Register.FS,
        OpCodeOperandKind.gs => Register.GS,
        OpCodeOperandKind.al => Register.AL,
        OpCodeOperandKind.cl => Register.CL,
        OpCodeOperandKind.ax => Register.AX,
        OpCodeOperandKind.dx => Register.DX,
        OpCodeOperandKind.eax => Register.EAX,
        OpCodeOperandKind.rax => Register.RAX,
        _ => Register.None,
    };

    private Register ChooseByteRegister()
    {
        int number = ChooseNumber();
        if (number < 4 && _random.Chance(60))
        {
            Count("high byte register");
            return Register.AH + number;
        }

        return number < 4 ? Register.AL + number : Register.SPL + (number - 4);
    }

    private bool TrySetImmediate(int operand, OpCodeOperandKind kind)
    {
        switch (kind)
        {
            case OpCodeOperandKind.imm8_const_1:
                _instruction.SetOpKind(operand, OpKind.Immediate8);
                _instruction.Immediate8 = 1;
                return true;
            case OpCodeOperandKind.imm8 when operand == 1 && _form.Mnemonic == Mnemonic.Enter:
                _instruction.SetOpKind(operand, OpKind.Immediate8_2nd);
                _instruction.Immediate8_2nd = _random.Chance(70) ? (byte)_random.Below(5) : (byte)_random.Interesting(8);
                return true;
            case OpCodeOperandKind.imm8:
                _instruction.SetOpKind(operand, OpKind.Immediate8);
                _instruction.Immediate8 = ChooseByteImmediate();
                return true;
            case OpCodeOperandKind.imm8sex16:
                _instruction.SetOpKind(operand, OpKind.Immediate8to16);
                _instruction.Immediate8to16 = (sbyte)_random.Interesting(8);
                return true;
            case OpCodeOperandKind.imm8sex32:
                _instruction.SetOpKind(operand, OpKind.Immediate8to32);
                _instruction.Immediate8to32 = (sbyte)_random.Interesting(8);
                return true;
            case OpCodeOperandKind.imm8sex64:
                _instruction.SetOpKind(operand, OpKind.Immediate8to64);
                _instruction.Immediate8to64 = (sbyte)_random.Interesting(8);
                return true;
            case OpCodeOperandKind.imm16:
                _instruction.SetOpKind(operand, OpKind.Immediate16);
                _instruction.Immediate16 = (ushort)(_form.Info.IsStackInstruction && _form.Mnemonic != Mnemonic.Push
                    ? _random.Below(0x100)
                    : (int)_random.Interesting(16));
                return true;
            case OpCodeOperandKind.imm32:
                _instruction.SetOpKind(operand, OpKind.Immediate32);
                _instruction.Immediate32 = (uint)_random.Interesting(32);
                return true;
            case OpCodeOperandKind.imm32sex64:
                _instruction.SetOpKind(operand, OpKind.Immediate32to64);
                _instruction.Immediate32to64 = (int)_random.Interesting(32);
                return true;
            case OpCodeOperandKind.imm64:
                _instruction.SetOpKind(operand, OpKind.Immediate64);
                _instruction.Immediate64 = _random.Interesting(64);
                return true;
            default:
                return false;
        }
    }

    private byte ChooseByteImmediate()
    {
        while (true)
        {
            byte value = _form.Family is "Shift" or "Rotate" or "Double shift" ? ChooseCount() : (byte)_random.Interesting(8);

            // INT 80h calls the host's kernel; the vectors of exceptions are the host's and its hypervisor's to play with.
            if (_form.Mnemonic != Mnemonic.Int || value is >= 0x20 and not 0x80)
            {
                return value;
            }
        }
    }

    /// <summary>A shift count: 0, 1, the operand sizes and their neighbours more often than others.</summary>
    private protected byte ChooseCount()
    {
        int count = _random.Below(8) switch
        {
            0 => 0,
            1 or 2 => 1,
            3 => (8 << _random.Below(4)) + _random.Between(-1, 1),
            4 => _random.Below(256),
            _ => _random.Below(34),
        };

        // More than 16 bits out of 16 are undefined (SDM, SHLD).
        if (_form.Family == "Double shift" && _form.Info.OperandSize == 16 && (count & 31) > 16)
        {
            count = _random.Below(17);
        }

        return (byte)count;
    }
}
