using Iced.Intel;

namespace Emulator.Cpu.Translation;

internal static partial class SlowTable
{
    private static void AddControl(Dictionary<Mnemonic, SlowEntry> table)
    {
        Plain<CountedJump<LoopAlways>>(table, SlowPlace.Jump, Mnemonic.Loop);
        Plain<CountedJump<LoopWhileEqual>>(table, SlowPlace.Jump, Mnemonic.Loope);
        Plain<CountedJump<LoopWhileNotEqual>>(table, SlowPlace.Jump, Mnemonic.Loopne);
        Plain<CountedJump<JumpIfCountZero>>(table, SlowPlace.Jump, Mnemonic.Jcxz, Mnemonic.Jecxz, Mnemonic.Jrcxz);
        Sized(table, SlowPlace.Jump, typeof(InterruptReturn<>), Mnemonic.Iret, Mnemonic.Iretd, Mnemonic.Iretq);
    }
}
