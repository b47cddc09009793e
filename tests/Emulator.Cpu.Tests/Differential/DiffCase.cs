namespace Emulator.Cpu.Tests.Differential;

/// <summary>One experiment: code, registers, flags and memory to start from, and what the architecture leaves open of the end.</summary>
/// <remarks>Made once for each slot and filled again, since millions of them pass by.</remarks>
internal sealed class DiffCase(int slot)
{
    /// <summary>The form's name; with <see cref="Index"/>, <see cref="Slot"/> and the run's seed it makes the case again.</summary>
    public string Name { get; set; } = "";

    public int Index { get; set; }

    public ulong Seed { get; set; }

    public int Slot { get; } = slot;

    /// <summary>The slot's code with its pads, as laid at <see cref="CodeBase"/>.</summary>
    public byte[] Code { get; } = new byte[DiffLayout.CodeSize];

    /// <summary>Where in <see cref="Code"/> the instructions under test end.</summary>
    public int CodeEnd { get; set; }

    public ulong[] Gpr { get; } = new ulong[16];

    public ulong Rflags { get; set; }

    /// <summary>The two writable pages.</summary>
    public byte[] Memory { get; } = new byte[DiffLayout.WritableSize];

    public Tolerance Tolerance { get; } = new();

    public ulong CodeBase => DiffLayout.CodeSlot(Slot);

    public ulong Entry => CodeBase + DiffLayout.Entry;

    /// <summary>Linear address of the first writable byte.</summary>
    public ulong DataBase => DiffLayout.DataSlot(Slot) + DiffLayout.WritableOffset;

    public ulong BackwardPad => CodeBase + DiffLayout.BackwardPad;

    public ulong ForwardPad => CodeBase + DiffLayout.ForwardPad;

    public string Id => $"{Name}#{Index}@{Slot}";

    public void Clear(string name, int index, ulong seed)
    {
        Name = name;
        Index = index;
        Seed = seed;
        CodeEnd = DiffLayout.Entry;
        Code.AsSpan().Fill(0xCC);
        Tolerance.Clear();
    }

    /// <summary>Lays a landing pad; the same bytes serve both sides.</summary>
    public void LayPad(int offset, uint number, ulong leave)
    {
        Span<byte> pad = Code.AsSpan(offset, DiffLayout.PadLength);
        pad[0] = 0xC7; // mov dword ptr [Stop], number
        pad[1] = 0x04;
        pad[2] = 0x25;
        BitConverter.TryWriteBytes(pad[3..], (uint)DiffLayout.Stop);
        BitConverter.TryWriteBytes(pad[7..], number);
        pad[11] = 0xE9; // jmp leave
        BitConverter.TryWriteBytes(pad[12..], (int)(leave - (CodeBase + (ulong)offset + DiffLayout.PadLength)));
    }

    /// <summary>Writes into the initial memory; <paramref name="address"/> is linear, what falls outside is dropped.</summary>
    public void Poke(ulong address, ulong value, int size)
    {
        for (int i = 0; i < size; i++)
        {
            ulong offset = address + (ulong)i - DataBase;
            if (offset < DiffLayout.WritableSize)
            {
                Memory[offset] = (byte)(value >> (8 * i));
            }
        }
    }

    /// <summary>Reads the initial memory; bytes outside count as zero.</summary>
    public ulong Peek(ulong address, int size)
    {
        ulong value = 0;
        for (int i = 0; i < size; i++)
        {
            ulong offset = address + (ulong)i - DataBase;
            if (offset < DiffLayout.WritableSize)
            {
                value |= (ulong)Memory[offset] << (8 * i);
            }
        }

        return value;
    }
}

/// <summary>What the architecture leaves undefined at the end of a case.</summary>
internal sealed class Tolerance
{
    private readonly List<(ulong Rip, ulong Flags)> _atFault = [];

    /// <summary>Flags not compared when the case runs to its end.</summary>
    public ulong Flags { get; set; }

    /// <summary>Bits of registers not compared.</summary>
    public ulong[] Gpr { get; } = new ulong[16];

    /// <summary>Memory not compared when the case ends in an exception, a linear address.</summary>
    public ulong MemoryAtFault { get; set; }

    /// <summary>Its bytes.</summary>
    public int MemoryAtFaultLength { get; set; }

    public void Clear()
    {
        Flags = 0;
        MemoryAtFaultLength = 0;
        Array.Clear(Gpr);
        _atFault.Clear();
    }

    /// <summary>Flags not compared if the instruction at <paramref name="rip"/> faults.</summary>
    public void SetFlagsAtFault(ulong rip, ulong flags) => _atFault.Add((rip, flags));

    public ulong FlagsAtFault(ulong rip)
    {
        foreach ((ulong known, ulong flags) in _atFault)
        {
            if (known == rip)
            {
                return flags;
            }
        }

        return Flags;
    }
}

/// <summary>How a case ended.</summary>
internal sealed class Outcome
{
    public ulong[] Gpr { get; } = new ulong[16];

    public ulong Rflags { get; set; }

    /// <summary>The pad that was reached, or 0 after an exception.</summary>
    public uint Stop { get; set; }

    /// <summary>The exception's vector, or −1.</summary>
    public int Vector { get; set; } = -1;

    public ulong ErrorCode { get; set; }

    /// <summary>CR2, after a page fault.</summary>
    public ulong FaultAddress { get; set; }

    /// <summary>RIP as the exception pushed it.</summary>
    public ulong Rip { get; set; }

    public ushort Ds { get; set; }

    public ushort Es { get; set; }

    public ushort Ss { get; set; }

    public byte[] Memory { get; } = new byte[DiffLayout.WritableSize];

    /// <summary>What went wrong with running the case at all (no such exit, no end), or null.</summary>
    public string? Trouble { get; set; }

    public void Clear()
    {
        Stop = 0;
        Vector = -1;
        ErrorCode = 0;
        FaultAddress = 0;
        Rip = 0;
        Trouble = null;
    }

    public void CopyFrom(Outcome other)
    {
        other.Gpr.CopyTo(Gpr, 0);
        other.Memory.CopyTo(Memory, 0);
        Rflags = other.Rflags;
        Stop = other.Stop;
        Vector = other.Vector;
        ErrorCode = other.ErrorCode;
        FaultAddress = other.FaultAddress;
        Rip = other.Rip;
        Ds = other.Ds;
        Es = other.Es;
        Ss = other.Ss;
        Trouble = other.Trouble;
    }
}

/// <summary>Something that runs cases: the host's processor, or the interpreter.</summary>
internal interface IExecutor
{
    /// <summary>Runs a batch of at most <see cref="DiffLayout.Slots"/> cases, each in its slot.</summary>
    void Run(ReadOnlySpan<DiffCase> cases, ReadOnlySpan<Outcome> outcomes);
}
