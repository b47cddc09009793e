using Emulator.Devices;

namespace Emulator.Fuzz.Scsi;

/// <summary>What an initiator, or what is behind a disk, can do.</summary>
internal enum ScsiVerb : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Begins the CDB's command.</summary>
    Start,

    /// <summary>Moves data of a command, all of it or some.</summary>
    Move,

    /// <summary>ABORT TASK.</summary>
    Abort,

    /// <summary>ABORT TASK SET.</summary>
    AbortAll,

    /// <summary>LOGICAL UNIT RESET.</summary>
    ResetUnit,

    /// <summary>TARGET RESET.</summary>
    ResetTarget,

    /// <summary>The bus's reset.</summary>
    ResetAll,

    /// <summary>Ends a request at the back end.</summary>
    End,

    /// <summary>Carries everything on to its end.</summary>
    Settle,
}

/// <summary>An act as the doorbell has it: bits 0-7 the verb, 8-15 which, or the CDB's length, 16-17 the unit, 18 eager, 24-25 the attribute, 32-63 a value.</summary>
/// <param name="bits">What was written.</param>
internal readonly struct ScsiAct(ulong bits)
{
    /// <summary>As which command or request: the one that began last.</summary>
    public const byte Last = 0xFF;

    /// <summary>An act.</summary>
    /// <param name="verb">What is done.</param>
    /// <param name="which">Which command or request, or how long the CDB is.</param>
    /// <param name="unit">Which unit.</param>
    /// <param name="attribute">Of a command.</param>
    /// <param name="isEager">True if a command's data is moved as soon as it can be.</param>
    /// <param name="value">The data's seed, how many bytes are moved, how a request ends.</param>
    public ScsiAct(ScsiVerb verb, byte which = 0, byte unit = 0, ScsiTaskAttribute attribute = ScsiTaskAttribute.Simple, bool isEager = false, uint value = 0)
        : this((byte)verb | ((ulong)which << 8) | ((ulong)(unit & 3) << 16) | (isEager ? 1UL << 18 : 0) | (((ulong)attribute & 3) << 24)
            | (attribute == ScsiTaskAttribute.Untagged ? 3UL << 24 : 0) | ((ulong)value << 32))
    {
    }

    /// <summary>As the doorbell has it.</summary>
    public ulong Bits => bits;

    /// <summary>What is done.</summary>
    public ScsiVerb Verb => (ScsiVerb)(byte)bits;

    /// <summary>Which command or request, or how long the CDB is.</summary>
    public int Which => (byte)(bits >> 8);

    /// <summary>Which of some; of none 0.</summary>
    /// <param name="count">How many there are.</param>
    public int Of(int count) => count == 0 ? 0 : Which == Last ? count - 1 : Which % count;

    /// <summary>Which unit.</summary>
    public int Unit => (int)(bits >> 16) & 3;

    /// <summary>True if a command's data is moved as soon as it can be.</summary>
    public bool IsEager => ((bits >> 18) & 1) != 0;

    /// <summary>Of a command.</summary>
    public ScsiTaskAttribute Attribute => ((bits >> 24) & 3) switch
    {
        0 => ScsiTaskAttribute.Simple,
        1 => ScsiTaskAttribute.HeadOfQueue,
        2 => ScsiTaskAttribute.Ordered,
        _ => ScsiTaskAttribute.Untagged,
    };

    /// <summary>The data's seed, how many bytes are moved, how a request ends.</summary>
    public uint Value => (uint)(bits >> 32);
}
