using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>A prefix that makes a form of its own.</summary>
internal enum FormPrefix
{
    None,
    Lock,

    /// <summary>F3: REP, REPE.</summary>
    Rep,

    /// <summary>F2: REPNE.</summary>
    Repne,
}

/// <summary>One row of the instruction table with one of its two addressing sorts and one of its prefixes.</summary>
internal sealed class Form
{
    public Form(Code code, bool isMemory, FormPrefix prefix, string family)
    {
        Code = code;
        Info = code.ToOpCode();
        IsMemory = isMemory;
        Prefix = prefix;
        Family = family;
        Mnemonic = code.Mnemonic();
        Name = code + (isMemory ? ".mem" : "") + (prefix == FormPrefix.None ? "" : $".{prefix}");
    }

    public Code Code { get; }

    public OpCodeInfo Info { get; }

    public Mnemonic Mnemonic { get; }

    /// <summary>Whether an operand that may be register or memory is memory here.</summary>
    public bool IsMemory { get; }

    public FormPrefix Prefix { get; }

    /// <summary>The test that runs it.</summary>
    public string Family { get; }

    public string Name { get; }
}
