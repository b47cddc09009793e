using Iced.Intel;

namespace Emulator.Cpu.Translation;

internal static partial class SlowTable
{
    private static void AddSystem(Dictionary<Mnemonic, SlowEntry> table)
    {
        Plain<HaltInstruction>(table, SlowPlace.Last, Mnemonic.Hlt);
        Sized(table, SlowPlace.Middle, typeof(InputInstruction<>), Mnemonic.In);
        Sized(table, SlowPlace.Middle, typeof(OutputInstruction<>), Mnemonic.Out);
    }

    private static void AddInteger(Dictionary<Mnemonic, SlowEntry> table)
    {
    }
}
