using System.Numerics;

namespace Emulator.Devices.Tests;

/// <summary>Instructions, as one writes them down.</summary>
internal static class Script
{
    private const DmaTestModifiers Register = DmaTestModifiers.Register;
    private const DmaTestModifiers Base = DmaTestModifiers.Base;
    private const DmaTestModifiers Relaxed = DmaTestModifiers.Relaxed;

    public static DmaTestInstruction End => default;

    public static DmaTestInstruction WriteBarrier => new(DmaTestOpcode.WriteBarrier);

    public static DmaTestInstruction ReadBarrier => new(DmaTestOpcode.ReadBarrier);

    public static DmaTestInstruction FullBarrier => new(DmaTestOpcode.FullBarrier);

    public static DmaTestInstruction Delay(int steps) => new(DmaTestOpcode.Delay, immediate: steps);

    public static DmaTestInstruction DelayBy(int c) => new(DmaTestOpcode.Delay, Register, c: c);

    public static DmaTestInstruction Write(ulong address, int value, int size = 4, bool relaxed = false) =>
        new(DmaTestOpcode.Write, Of(relaxed), Log2(size), immediate: value, value: address);

    public static DmaTestInstruction WriteR(ulong address, int c, int size = 4, bool relaxed = false) =>
        new(DmaTestOpcode.Write, Register | Of(relaxed), Log2(size), c: c, value: address);

    public static DmaTestInstruction Read(int a, ulong address, int size = 4, bool relaxed = false) =>
        new(DmaTestOpcode.Read, Of(relaxed), Log2(size), a: a, value: address);

    public static DmaTestInstruction Publish(ulong address, int value, int size = 4, bool relaxed = false) =>
        new(DmaTestOpcode.Publish, Of(relaxed), Log2(size), immediate: value, value: address);

    public static DmaTestInstruction PublishR(ulong address, int c, int size = 4) =>
        new(DmaTestOpcode.Publish, Register, Log2(size), c: c, value: address);

    public static DmaTestInstruction Wait(int a, ulong address, DmaTestCondition condition, int value, int size = 4, bool relaxed = false) =>
        new(DmaTestOpcode.Wait, Of(relaxed), Log2(size), condition, a: a, immediate: value, value: address);

    public static DmaTestInstruction WaitR(int a, ulong address, DmaTestCondition condition, int c, int size = 4, bool relaxed = false) =>
        new(DmaTestOpcode.Wait, Register | Of(relaxed), Log2(size), condition, a: a, c: c, value: address);

    public static DmaTestInstruction Record(ulong address, int counters, int c, int size = 4) =>
        new(DmaTestOpcode.Record, 0, Log2(size), c: c, immediate: counters, value: address);

    public static DmaTestInstruction Set(int a, ulong value) => new(DmaTestOpcode.Set, a: a, value: value);

    public static DmaTestInstruction Do(DmaTestOpcode opcode, int a, int b, ulong value) => new(opcode, a: a, b: b, value: value);

    public static DmaTestInstruction DoR(DmaTestOpcode opcode, int a, int b, int c) => new(opcode, Register, a: a, b: b, c: c);

    public static DmaTestInstruction Branch(int a, DmaTestCondition condition, ulong value, int slot) =>
        new(DmaTestOpcode.Branch, 0, 0, condition, a: a, immediate: slot, value: value);

    public static DmaTestInstruction BranchR(int a, DmaTestCondition condition, int c, int slot) =>
        new(DmaTestOpcode.Branch, Register, 0, condition, a: a, c: c, immediate: slot);

    public static DmaTestInstruction Jump(int slot) => new(DmaTestOpcode.Branch, condition: DmaTestCondition.Always, immediate: slot);

    public static DmaTestInstruction Loop(int a, int slot) => new(DmaTestOpcode.Loop, a: a, immediate: slot);

    /// <summary>LOAD, STORE, FILL, CHECKSUM, COMPARE or TORN of a part of the buffer.</summary>
    public static DmaTestInstruction Part(DmaTestOpcode opcode, int start, int length, ulong value = 0, int a = 0, int size = 1, bool relaxed = false) =>
        new(opcode, Of(relaxed), Log2(size), a: a, immediate: (start << 16) | length, value: value);

    public static DmaTestInstruction Copy(int c, ulong to, int length, bool relaxed = false) =>
        new(DmaTestOpcode.Copy, Of(relaxed), c: c, immediate: length, value: to);

    public static DmaTestInstruction List(DmaTestOpcode opcode, int a, ulong address, int elements) =>
        new(opcode, a: a, immediate: elements, value: address);

    public static DmaTestInstruction Raise(uint causes) => new(DmaTestOpcode.Raise, immediate: (int)causes);

    public static DmaTestInstruction Message(int a, int vector) => new(DmaTestOpcode.Message, a: a, immediate: vector);

    /// <summary>The same, with RB added to the address.</summary>
    public static DmaTestInstruction At(this DmaTestInstruction instruction, int b) => new(
        instruction.Opcode, instruction.Modifiers | Base, instruction.Log2Size, instruction.Condition, instruction.A, b, instruction.C, instruction.Immediate, instruction.Value);

    private static int Log2(int size) => BitOperations.Log2((uint)size);

    private static DmaTestModifiers Of(bool relaxed) => relaxed ? Relaxed : 0;
}
