using System.Numerics;

namespace Emulator.Cpu;

/// <summary>
/// The lazy arithmetic flags: two words, the last result and its carries, from which each flag is worked out when
/// somebody asks (see <see cref="CpuState.FlagResult"/> and <see cref="CpuState.FlagCarry"/>).
/// </summary>
internal static unsafe class Flags
{
    public static bool Carry(CpuState* cpu) => (long)cpu->FlagCarry < 0;

    public static bool Overflow(CpuState* cpu) => (long)(cpu->FlagCarry ^ (cpu->FlagCarry << 1)) < 0;

    public static bool Zero(CpuState* cpu) => cpu->FlagResult == 0;

    public static bool Sign(CpuState* cpu) => (long)(cpu->FlagResult ^ (cpu->FlagCarry << 63)) < 0;

    public static bool Adjust(CpuState* cpu) => (cpu->FlagCarry & (1UL << 35)) != 0;

    public static bool Parity(CpuState* cpu) =>
        ((BitOperations.PopCount((byte)cpu->FlagResult) ^ (int)(cpu->FlagCarry >> 1)) & 1) == 0;

    /// <summary>The whole of RFLAGS.</summary>
    public static ulong Read(CpuState* cpu)
    {
        var flags = cpu->SystemFlags | Rflags.Fixed;
        flags |= Carry(cpu) ? Rflags.Carry : 0;
        flags |= Parity(cpu) ? Rflags.Parity : 0;
        flags |= Adjust(cpu) ? Rflags.Adjust : 0;
        flags |= Zero(cpu) ? Rflags.Zero : 0;
        flags |= Sign(cpu) ? Rflags.Sign : 0;
        flags |= Overflow(cpu) ? Rflags.Overflow : 0;
        return flags;
    }

    /// <summary>
    /// Replaces the whole of RFLAGS. Who may change which bit is the caller's affair, as is
    /// <see cref="ModeTracker.Update"/> when VM, AC or TF changed.
    /// </summary>
    public static void Write(CpuState* cpu, ulong flags)
    {
        cpu->SystemFlags = (flags & ~Rflags.Arithmetic) | Rflags.Fixed;
        WriteArithmetic(cpu, flags);
    }

    /// <summary>Replaces the six arithmetic flags.</summary>
    public static void WriteArithmetic(CpuState* cpu, ulong flags)
    {
        // The result is 0 for ZF, 1 (odd parity) otherwise; SF and PF are then flipped into place.
        var zero = (flags & Rflags.Zero) != 0;
        var carry = (flags & Rflags.Carry) != 0 ? 1UL << 63 : 0;
        var overflow = (flags & Rflags.Overflow) != 0 ? 1UL << 62 : 0;
        var word = carry | (carry >> 1 ^ overflow);
        word |= (flags & Rflags.Adjust) != 0 ? 1UL << 35 : 0;
        word |= (flags & Rflags.Sign) != 0 ? 1UL : 0;
        word |= ((flags & Rflags.Parity) != 0) != zero ? 2UL : 0;
        cpu->FlagResult = zero ? 0UL : 1UL;
        cpu->FlagCarry = word;
    }
}
