using Emulator.Cpu.Interpreter;
using Iced.Intel;

namespace Emulator.Cpu.Translation;

internal static partial class SlowTable
{
    private static void AddInteger(Dictionary<Mnemonic, SlowEntry> table)
    {
        Sized(table, SlowPlace.Middle, typeof(Multiply<>), Mnemonic.Mul);
        Sized(table, SlowPlace.Middle, typeof(SignedMultiply<>), Mnemonic.Imul);
        Sized(table, SlowPlace.Middle, typeof(Divide<>), Mnemonic.Div);
        Sized(table, SlowPlace.Middle, typeof(SignedDivide<>), Mnemonic.Idiv);
        Sized(table, SlowPlace.Middle, typeof(RotateCarryLeft<>), Mnemonic.Rcl);
        Sized(table, SlowPlace.Middle, typeof(RotateCarryRight<>), Mnemonic.Rcr);
        Sized(table, SlowPlace.Middle, typeof(DoubleShiftLeft<>), Mnemonic.Shld);
        Sized(table, SlowPlace.Middle, typeof(DoubleShiftRight<>), Mnemonic.Shrd);
        Sized(table, SlowPlace.Middle, typeof(BitInstruction<,>).WithFirst<BitTest>(), Mnemonic.Bt);
        Sized(table, SlowPlace.Middle, typeof(BitInstruction<,>).WithFirst<BitSet>(), Mnemonic.Bts);
        Sized(table, SlowPlace.Middle, typeof(BitInstruction<,>).WithFirst<BitReset>(), Mnemonic.Btr);
        Sized(table, SlowPlace.Middle, typeof(BitInstruction<,>).WithFirst<BitComplement>(), Mnemonic.Btc);
        Sized(table, SlowPlace.Middle, typeof(BitScanForward<>), Mnemonic.Bsf);
        Sized(table, SlowPlace.Middle, typeof(BitScanReverse<>), Mnemonic.Bsr);
        Sized(table, SlowPlace.Middle, typeof(TrailingZeros<>), Mnemonic.Tzcnt);
        Sized(table, SlowPlace.Middle, typeof(LeadingZeros<>), Mnemonic.Lzcnt);
        Sized(table, SlowPlace.Middle, typeof(PopulationCount<>), Mnemonic.Popcnt);
        Sized(table, SlowPlace.Middle, typeof(CompareExchange<>), Mnemonic.Cmpxchg);
        Sized(table, SlowPlace.Middle, typeof(ExchangeAdd<>), Mnemonic.Xadd);
        Plain<CompareExchange8>(table, SlowPlace.Middle, Mnemonic.Cmpxchg8b);
        Plain<CompareExchange16>(table, SlowPlace.Middle, Mnemonic.Cmpxchg16b);
        Plain<CarryInstruction<BitReset>>(table, SlowPlace.Middle, Mnemonic.Clc);
        Plain<CarryInstruction<BitSet>>(table, SlowPlace.Middle, Mnemonic.Stc);
        Plain<CarryInstruction<BitComplement>>(table, SlowPlace.Middle, Mnemonic.Cmc);
        Plain<DirectionInstruction<BitReset>>(table, SlowPlace.Middle, Mnemonic.Cld);
        Plain<DirectionInstruction<BitSet>>(table, SlowPlace.Middle, Mnemonic.Std);
        Plain<LoadFlagsIntoAh>(table, SlowPlace.Middle, Mnemonic.Lahf);
        Plain<StoreAhIntoFlags>(table, SlowPlace.Middle, Mnemonic.Sahf);
        Plain<SetAlFromCarry>(table, SlowPlace.Middle, Mnemonic.Salc);
        Plain<DecimalAdjust<AfterAddition>>(table, SlowPlace.Middle, Mnemonic.Daa);
        Plain<DecimalAdjust<AfterSubtraction>>(table, SlowPlace.Middle, Mnemonic.Das);
        Plain<AsciiAdjust<AfterAddition>>(table, SlowPlace.Middle, Mnemonic.Aaa);
        Plain<AsciiAdjust<AfterSubtraction>>(table, SlowPlace.Middle, Mnemonic.Aas);
        Plain<AsciiAdjustMultiply>(table, SlowPlace.Middle, Mnemonic.Aam);
        Plain<AsciiAdjustDivide>(table, SlowPlace.Middle, Mnemonic.Aad);
        Plain<TranslateByte>(table, SlowPlace.Middle, Mnemonic.Xlatb);
        Sized(table, SlowPlace.Middle, typeof(PushOperand<>), Mnemonic.Push);
        Sized(table, SlowPlace.Middle, typeof(PopOperand<>), Mnemonic.Pop);
        Sized(table, SlowPlace.Middle, typeof(PushAll<>), Mnemonic.Pusha, Mnemonic.Pushad);
        Sized(table, SlowPlace.Middle, typeof(PopAll<>), Mnemonic.Popa, Mnemonic.Popad);
        Sized(table, SlowPlace.Middle, typeof(EnterFrame<>), Mnemonic.Enter);
        Sized(table, SlowPlace.Middle, typeof(LeaveFrame<>), Mnemonic.Leave);
        Sized(table, SlowPlace.Middle, typeof(StringInstruction<,>).WithStep(typeof(MoveString<>)), Mnemonic.Movsb, Mnemonic.Movsw, Mnemonic.Movsd, Mnemonic.Movsq);
        Sized(table, SlowPlace.Middle, typeof(StringInstruction<,>).WithStep(typeof(StoreString<>)), Mnemonic.Stosb, Mnemonic.Stosw, Mnemonic.Stosd, Mnemonic.Stosq);
        Sized(table, SlowPlace.Middle, typeof(StringInstruction<,>).WithStep(typeof(LoadString<>)), Mnemonic.Lodsb, Mnemonic.Lodsw, Mnemonic.Lodsd, Mnemonic.Lodsq);
        Sized(table, SlowPlace.Middle, typeof(StringInstruction<,>).WithStep(typeof(ScanString<>)), Mnemonic.Scasb, Mnemonic.Scasw, Mnemonic.Scasd, Mnemonic.Scasq);
        Sized(table, SlowPlace.Middle, typeof(StringInstruction<,>).WithStep(typeof(CompareString<>)), Mnemonic.Cmpsb, Mnemonic.Cmpsw, Mnemonic.Cmpsd, Mnemonic.Cmpsq);
        Sized(table, SlowPlace.Middle, typeof(StringInstruction<,>).WithStep(typeof(InputString<>)), Mnemonic.Insb, Mnemonic.Insw, Mnemonic.Insd);
        Sized(table, SlowPlace.Middle, typeof(StringInstruction<,>).WithStep(typeof(OutputString<>)), Mnemonic.Outsb, Mnemonic.Outsw, Mnemonic.Outsd);
        Sized(table, SlowPlace.Middle, typeof(AndNot<>), Mnemonic.Andn);
        Sized(table, SlowPlace.Middle, typeof(BitFieldExtract<>), Mnemonic.Bextr);
        Sized(table, SlowPlace.Middle, typeof(LowestBit<,>).WithFirst<IsolateLowest>(), Mnemonic.Blsi);
        Sized(table, SlowPlace.Middle, typeof(LowestBit<,>).WithFirst<MaskToLowest>(), Mnemonic.Blsmsk);
        Sized(table, SlowPlace.Middle, typeof(LowestBit<,>).WithFirst<ResetLowest>(), Mnemonic.Blsr);
        Sized(table, SlowPlace.Middle, typeof(ZeroHighBits<>), Mnemonic.Bzhi);
        Sized(table, SlowPlace.Middle, typeof(MultiplyWithoutFlags<>), Mnemonic.Mulx);
        Sized(table, SlowPlace.Middle, typeof(DepositBits<>), Mnemonic.Pdep);
        Sized(table, SlowPlace.Middle, typeof(ExtractBits<>), Mnemonic.Pext);
        Sized(table, SlowPlace.Middle, typeof(RotateWithoutFlags<>), Mnemonic.Rorx);
        Sized(table, SlowPlace.Middle, typeof(ShiftWithoutFlags<,>).WithFirst<ShiftLeft>(), Mnemonic.Shlx);
        Sized(table, SlowPlace.Middle, typeof(ShiftWithoutFlags<,>).WithFirst<ShiftRight>(), Mnemonic.Shrx);
        Sized(table, SlowPlace.Middle, typeof(ShiftWithoutFlags<,>).WithFirst<ShiftArithmetic>(), Mnemonic.Sarx);
        Sized(table, SlowPlace.Middle, typeof(AddWithFlag<,>).WithFirst<CarryAsCarry>(), Mnemonic.Adcx);
        Sized(table, SlowPlace.Middle, typeof(AddWithFlag<,>).WithFirst<OverflowAsCarry>(), Mnemonic.Adox);
        Sized(table, SlowPlace.Middle, typeof(MoveBigEndian<>), Mnemonic.Movbe);
        Sized(table, SlowPlace.Middle, typeof(AccumulateCrc32<>), Mnemonic.Crc32);
        Plain<FlushLine>(table, SlowPlace.Middle, Mnemonic.Clflush, Mnemonic.Clflushopt, Mnemonic.Clwb);
        Plain<WaitForCoprocessor>(table, SlowPlace.Middle, Mnemonic.Wait);
    }
}

/// <summary>Partial applications of generic instructions, the width still open.</summary>
internal static class GenericInstruction
{
    /// <summary>Fills the first type argument.</summary>
    public static Type WithFirst<T>(this Type generic) => generic.MakeGenericType(typeof(T), generic.GetGenericArguments()[1]);

    /// <summary>Makes the first type argument a step over the same width as the second.</summary>
    public static Type WithStep(this Type generic, Type step)
    {
        var width = generic.GetGenericArguments()[1];
        return generic.MakeGenericType(step.MakeGenericType(width), width);
    }
}
