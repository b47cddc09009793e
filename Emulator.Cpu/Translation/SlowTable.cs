using Iced.Intel;

namespace Emulator.Cpu.Translation;

/// <summary>How an instruction of slow code stands in a block.</summary>
internal enum SlowPlace
{
    /// <summary>Anywhere; execution goes on behind it.</summary>
    Middle,

    /// <summary>Last: it may change what the decoder relies on, or let an interrupt in.</summary>
    Last,

    /// <summary>Last: it sets RIP itself.</summary>
    Jump,
}

/// <summary>An instruction without handlers of its own.</summary>
/// <param name="Instruction">An <see cref="Interpreter.IInstruction"/>; generic over the operand width where <paramref name="IsSized"/>.</param>
/// <param name="IsSized">True if it takes the operand width as its type argument.</param>
/// <param name="Place">Where it may stand.</param>
internal sealed record SlowEntry(Type Instruction, bool IsSized, SlowPlace Place);

/// <summary>The instructions of slow code by mnemonic; one file a family adds its own.</summary>
internal static partial class SlowTable
{
    /// <summary>All of them.</summary>
    public static readonly Dictionary<Mnemonic, SlowEntry> Entries = Build();

    private static Dictionary<Mnemonic, SlowEntry> Build()
    {
        var table = new Dictionary<Mnemonic, SlowEntry>();
        AddSystem(table);
        AddControl(table);
        AddInteger(table);
        return table;
    }

    /// <summary>Adds one that works on one width or finds the width itself.</summary>
    private static void Plain<T>(Dictionary<Mnemonic, SlowEntry> table, SlowPlace place, params ReadOnlySpan<Mnemonic> mnemonics)
        where T : Interpreter.IInstruction
    {
        foreach (var mnemonic in mnemonics)
        {
            table.Add(mnemonic, new SlowEntry(typeof(T), false, place));
        }
    }

    /// <summary>Adds one that takes the operand width as its type argument: <c>typeof(Name&lt;&gt;)</c>.</summary>
    private static void Sized(Dictionary<Mnemonic, SlowEntry> table, SlowPlace place, Type generic, params ReadOnlySpan<Mnemonic> mnemonics)
    {
        foreach (var mnemonic in mnemonics)
        {
            table.Add(mnemonic, new SlowEntry(generic, true, place));
        }
    }
}
