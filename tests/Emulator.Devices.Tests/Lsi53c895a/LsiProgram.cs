using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>Assembles SCRIPTS, with labels.</summary>
internal sealed class LsiProgram
{
    public const uint Always = 1 << 19;
    public const uint Never = 0;

    private readonly List<uint> _words = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(int Word, string Label)> _fixups = [];

    /// <summary>Condition: IF or WHEN the phase is this, or with <paramref name="not"/> is not.</summary>
    public static uint Phase(LsiPhase phase, bool wait = false, bool not = false) =>
        ((uint)phase << 24) | (1 << 17) | (wait ? 1U << 16 : 0) | (not ? 0 : Always);

    /// <summary>Condition: SFBR is this.</summary>
    public static uint Byte(byte value, byte mask = 0, bool not = false) => value | ((uint)mask << 8) | (1 << 18) | (not ? 0 : Always);

    /// <summary>Condition: carry is set.</summary>
    public static uint Carry(bool not = false) => (1 << 21) | (not ? 0 : Always);

    public LsiProgram Label(string name)
    {
        _labels.Add(name, _words.Count);
        return this;
    }

    public LsiProgram Raw(params ReadOnlySpan<uint> words)
    {
        _words.AddRange(words);
        return this;
    }

    public LsiProgram Move(LsiPhase phase, uint count, ulong address) => Raw(0x08000000 | ((uint)phase << 24) | count, (uint)address);

    public LsiProgram Chain(LsiPhase phase, uint count, ulong address) => Raw(((uint)phase << 24) | count, (uint)address);

    public LsiProgram MoveIndirect(LsiPhase phase, uint count, ulong address) => Raw(0x28000000 | ((uint)phase << 24) | count, (uint)address);

    public LsiProgram MoveTable(LsiPhase phase, int offset) => Raw(0x18000000 | ((uint)phase << 24), (uint)offset);

    public LsiProgram Select(int target, string alternate, bool attention = true) =>
        Raw(0x40000000 | (attention ? 1U << 24 : 0) | ((uint)target << 16)).To(alternate);

    public LsiProgram SelectTable(int offset, string alternate) => Raw(0x43000000 | ((uint)offset & 0xFFFFFF)).To(alternate);

    public LsiProgram WaitDisconnect() => Raw(0x48000000, 0);

    public LsiProgram WaitReselect(string alternate) => Raw(0x50000000).To(alternate);

    public LsiProgram Set(uint bits) => Raw(0x58000000 | bits, 0);

    public LsiProgram Clear(uint bits) => Raw(0x60000000 | bits, 0);

    public LsiProgram ClearAck() => Clear(1 << 6);

    public LsiProgram ToFirst(LsiRegister register, LsiOperator operation, byte data) => Alu(6, (int)register, operation, data);

    public LsiProgram FromFirst(LsiRegister register, LsiOperator operation, byte data) => Alu(5, (int)register, operation, data);

    public LsiProgram Modify(LsiRegister register, LsiOperator operation, byte data) => Alu(7, (int)register, operation, data);

    public LsiProgram Alu(uint opcode, int register, LsiOperator operation, byte data, bool byFirst = false) =>
        Raw(
            0x40000000 | (opcode << 27) | ((uint)operation << 24) | (byFirst ? 1U << 23 : 0)
                | (((uint)register & 0x7F) << 16) | ((uint)data << 8) | ((uint)register & 0x80),
            0);

    public LsiProgram Jump(uint condition, string label) => Raw(0x80000000 | condition).To(label);

    public LsiProgram Call(uint condition, string label) => Raw(0x88000000 | condition).To(label);

    public LsiProgram Return(uint condition = Always) => Raw(0x90000000 | condition, 0);

    public LsiProgram Int(uint code, uint condition = Always) => Raw(0x98000000 | condition, code);

    public LsiProgram IntFly(uint condition = Always) => Raw(0x98100000 | condition, 0);

    public LsiProgram MoveMemory(uint count, ulong source, ulong destination) => Raw(0xC0000000 | count, (uint)source, (uint)destination);

    public LsiProgram Load(LsiRegister register, int count, ulong address) => Raw(0xE1000000 | ((uint)register << 16) | (uint)count, (uint)address);

    public LsiProgram Store(LsiRegister register, int count, ulong address) => Raw(0xE0000000 | ((uint)register << 16) | (uint)count, (uint)address);

    public LsiProgram LoadRelative(LsiRegister register, int count, int offset) => Raw(0xF1000000 | ((uint)register << 16) | (uint)count, (uint)offset & 0xFFFFFF);

    public LsiProgram StoreRelative(LsiRegister register, int count, int offset) => Raw(0xF0000000 | ((uint)register << 16) | (uint)count, (uint)offset & 0xFFFFFF);

    /// <summary>Where a label is, in bytes from the start.</summary>
    public uint Offset(string label) => (uint)_labels[label] * 4;

    /// <summary>The bytes, for a place in memory.</summary>
    public byte[] At(ulong address)
    {
        foreach (var (word, label) in _fixups)
        {
            _words[word] = (uint)address + Offset(label);
        }

        var bytes = new byte[_words.Count * 4];
        for (var i = 0; i < _words.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), _words[i]);
        }

        return bytes;
    }

    private LsiProgram To(string label)
    {
        _fixups.Add((_words.Count, label));
        return Raw(0);
    }
}
