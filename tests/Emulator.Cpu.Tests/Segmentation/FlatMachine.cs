using Emulator.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Cpu.Tests;

/// <summary>
/// A processor over one MiB of memory without paging, whose slow code tests call with no instruction around it. The tables stand at fixed places; the GDT has what most tests need.
/// </summary>
internal sealed unsafe class FlatMachine : IDisposable
{
    public const ulong MemorySize = 0x100000;
    public const ulong Gdt = 0x1000;
    public const ulong Ldt = 0x1800;
    public const ulong Idt = 0x2000;
    public const ulong Tss = 0x4000;
    public const ulong Tss2 = 0x4800;
    public const uint InnerStack = 0x9000;
    public const uint OuterStack = 0xB000;

    // Selectors of the GDT's standing entries.
    public const ushort Code0 = 0x08;
    public const ushort Data0 = 0x10;
    public const ushort Code3 = 0x1B;
    public const ushort Data3 = 0x23;
    public const ushort Code1 = 0x29;
    public const ushort Data1 = 0x31;
    public const ushort Conforming0 = 0x38;
    public const ushort LongCode0 = 0x40;
    public const ushort LongCode3 = 0x4B;
    public const ushort Code16 = 0x50;
    public const ushort Data16 = 0x58;
    public const ushort TaskRegister = 0x60;
    public const ushort LocalTable = 0x70;
    public const ushort SecondTask = 0x80;

    /// <summary>Entries from here up are free for the test; three of them are adjacent.</summary>
    public const ushort Free = 0x90;

    // Attributes: present, DPL 0.
    public const int Code32Attributes = 0xC09B;
    public const int Data32Attributes = 0xC093;
    public const int LongCodeAttributes = 0xA09B;
    public const int Code16Attributes = 0x009B;
    public const int Data16Attributes = 0x0093;
    public const int Dpl1 = 1 << 5;
    public const int Dpl3 = 3 << 5;

    private const int LastFree = 0x1FF;
    private readonly RamBlock _block;
    private readonly GuestMemory _memory;
    private readonly Vcpu _vcpu;

    private FlatMachine()
    {
        _block = new RamBlock("ram", MemorySize);
        _memory = new GuestMemory();
        _memory.AddRam("ram", 0, _block, 0, MemorySize);
        _vcpu = new Vcpu(0, _memory, NullLogger.Instance);
        Cpu = _vcpu.State;
        Cpu->Rip = 0;
        Cpu->Cr0 = 0;
        Cpu->Gpr[2] = 0;
        Flags.Write(Cpu, Rflags.Fixed);
        for (var i = 0; i < 6; i++)
        {
            Cpu->Segments[i] = new Segment { Limit = 0xFFFF, Attributes = Data16Attributes };
        }

        Cpu->IdtLimit = 0x3FF;
        ModeTracker.Update(Cpu);
    }

    public CpuState* Cpu { get; }

    /// <summary>Real mode, all bases 0, the vector table at 0.</summary>
    public static FlatMachine Real() => new();

    /// <summary>32-bit protected mode at CPL 0.</summary>
    public static FlatMachine Protected()
    {
        var machine = new FlatMachine();
        var cpu = machine.Cpu;
        cpu->Cr0 = Cr0.ProtectionEnable;
        cpu->GdtBase = Gdt;
        cpu->GdtLimit = LastFree;
        cpu->IdtBase = Idt;
        cpu->IdtLimit = 0xFFF;
        machine.FillGdt();
        machine.SetDescriptor(TaskRegister, Segment((uint)Tss, 0x200, 0x8B));
        machine.SetDescriptor(LocalTable, Segment((uint)Ldt, 0xFF, 0x82));
        machine.SetDescriptor(SecondTask, Segment((uint)Tss2, 0x200, 0x89));
        cpu->Segments[(int)SegmentName.Tr] = new Segment { Base = Tss, Limit = 0x200, Selector = TaskRegister, Attributes = 0x8B };
        machine.Write(Tss + 4, 4, InnerStack);
        machine.Write(Tss + 8, 2, Data0);
        machine.Write(Tss + 0x0C, 4, InnerStack - 0x800);
        machine.Write(Tss + 0x10, 2, Data1);
        machine.SetLevel(0);
        return machine;
    }

    /// <summary>64-bit mode at CPL 0.</summary>
    public static FlatMachine Long()
    {
        var machine = Protected();
        var cpu = machine.Cpu;
        cpu->Efer = Efer.LongModeActive | Efer.LongModeEnable | Efer.SystemCallEnable;
        machine.Write(Tss + 4, 8, InnerStack);
        machine.SetDescriptor(TaskRegister + 8, 0);
        machine.SetDescriptor(LocalTable + 8, 0);
        machine.SetDescriptor(SecondTask + 8, 0);
        machine.SetLongLevel(0);
        return machine;
    }

    /// <summary>Virtual-8086 mode with an I/O privilege level.</summary>
    public static FlatMachine Virtual8086(int ioLevel)
    {
        var machine = Protected();
        machine.SetLevel(3);
        Flags.Write(machine.Cpu, Rflags.Fixed | Rflags.Virtual8086 | Rflags.Interrupt | (ulong)ioLevel << 12);
        for (var i = 0; i < 6; i++)
        {
            Segmentation.LoadReal(machine.Cpu, (SegmentName)i, (ushort)(0x100 * i));
        }

        ModeTracker.Update(machine.Cpu);
        machine.Cpu->Gpr[Stack.Pointer] = 0x1000;
        return machine;
    }

    /// <summary>Loads flat 32-bit code and stack of a privilege level (0, 1 or 3) and data of level 3.</summary>
    public void SetLevel(int level)
    {
        var (code, data) = level switch { 0 => (Code0, Data0), 1 => (Code1, Data1), _ => (Code3, Data3) };
        SetFlat(SegmentName.Cs, code, Code32Attributes | level << 5);
        SetFlat(SegmentName.Ss, data, Data32Attributes | level << 5);
        FinishLevel(level);
    }

    /// <summary>The same with 64-bit code.</summary>
    public void SetLongLevel(int level)
    {
        SetFlat(SegmentName.Cs, level == 0 ? LongCode0 : LongCode3, LongCodeAttributes | level << 5);
        SetFlat(SegmentName.Ss, level == 0 ? Data0 : Data3, Data32Attributes | level << 5);
        FinishLevel(level);
    }

    public void SetFlat(SegmentName name, ushort selector, int attributes) =>
        Cpu->Segments[(int)name] = new Segment { Selector = selector, Limit = uint.MaxValue, Attributes = (ushort)attributes };

    public Segment this[SegmentName name] => Cpu->Segments[(int)name];

    public ulong Rsp
    {
        get => Cpu->Gpr[Stack.Pointer];
        set => Cpu->Gpr[Stack.Pointer] = value;
    }

    public static ulong Segment(uint @base, uint limit, int attributes) =>
        (limit & 0xFFFF) | (ulong)(limit & 0xF0000) << 32 | (ulong)(@base & 0xFFFFFF) << 16 | (ulong)(@base >> 24) << 56
        | (ulong)attributes << 40;

    public static ulong Gate(int type, int dpl, ushort selector, uint offset, int count = 0) =>
        (offset & 0xFFFF) | (ulong)(offset >> 16) << 48 | (ulong)selector << 16 | (ulong)(0x80 | dpl << 5 | type) << 40
        | (ulong)count << 32;

    /// <summary>Turns 32-bit paging on, the whole memory mapped to itself for everyone.</summary>
    public void EnablePaging()
    {
        const ulong Directory = 0xF0000;
        const ulong Table = 0xF1000;
        const ulong Everything = 7;
        Write(Directory, 4, Table | Everything);
        for (var address = 0UL; address < MemorySize; address += 4096)
        {
            Write(Table + address / 1024, 4, address | Everything);
        }

        Cpu->Cr3 = Directory;
        Cpu->Cr0 |= Cr0.Paging | Cr0.WriteProtect;
        TlbSet.FlushAll(Cpu);
    }

    /// <summary>Takes a page out of the tables that <see cref="EnablePaging"/> made.</summary>
    public void Unmap(ulong address)
    {
        Write(0xF1000 + (address >> 12) * 4, 4, 0);
        TlbSet.FlushAll(Cpu);
    }

    /// <summary>Everything that a failed transfer must leave alone.</summary>
    public (VcpuState State, int Cpl) Snapshot() => (_vcpu.GetState(), Cpu->Cpl);

    public void AssertUnchanged((VcpuState State, int Cpl) before)
    {
        var now = _vcpu.GetState();
        Assert.Equal(before.Cpl, Cpu->Cpl);
        Assert.Equal((before.State.Rip, before.State.Rflags), (now.Rip, now.Rflags));
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(before.State.Gpr[i], now.Gpr[i]);
        }

        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(before.State.Segments[i], now.Segments[i]);
        }
    }

    public void SetDescriptor(int selector, ulong value) => Write(Gdt + (ulong)(selector & ~7), 8, value);

    public ulong GetDescriptor(int selector) => Read(Gdt + (ulong)(selector & ~7), 8);

    public void SetGate(int vector, ulong value) => Write(Idt + (ulong)vector * 8, 8, value);

    public void SetLongGate(int vector, ulong low, ulong high = 0)
    {
        Write(Idt + (ulong)vector * 16, 8, low);
        Write(Idt + (ulong)vector * 16 + 8, 8, high);
    }

    public void Write(ulong address, int size, ulong value)
    {
        for (var i = 0; i < size; i++)
        {
            _block.Host[address + (ulong)i] = (byte)(value >> i * 8);
        }
    }

    public ulong Read(ulong address, int size)
    {
        var value = 0UL;
        for (var i = 0; i < size; i++)
        {
            value |= (ulong)_block.Host[address + (ulong)i] << i * 8;
        }

        return value;
    }

    /// <summary>Entries of a frame, from the stack pointer (which is a linear address here) up.</summary>
    public ulong[] Frame(int size, int count)
    {
        var result = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            result[i] = Read(this[SegmentName.Ss].Base + (Rsp & Stack.Mask(Cpu)) + (ulong)(i * size), size);
        }

        return result;
    }

    /// <summary>Asserts the stack's lowest entries.</summary>
    public void AssertFrame(int size, params ulong[] expected) => Assert.Equal(expected, Frame(size, expected.Length));

    /// <summary>Writes a frame at the stack pointer, lowest entry first.</summary>
    public void SetFrame(int size, params ReadOnlySpan<ulong> entries)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            Write(this[SegmentName.Ss].Base + (Rsp & Stack.Mask(Cpu)) + (ulong)(i * size), size, entries[i]);
        }
    }

    /// <summary>Asserts that exactly this fault is pending, and takes it away.</summary>
    public void AssertFault(byte vector, uint? errorCode)
    {
        Assert.True(Cpu->Fault.IsPending, "no fault is pending");
        Assert.Equal((vector, errorCode), (Cpu->Fault.Vector, Cpu->Fault.HasErrorCode ? Cpu->Fault.ErrorCode : null));
        Cpu->Fault = default;
    }

    public void AssertNoFault() =>
        Assert.False(Cpu->Fault.IsPending, $"fault {Cpu->Fault.Vector} ({Cpu->Fault.ErrorCode:X}) is pending");

    public void Dispose()
    {
        _vcpu.Dispose();
        _memory.Dispose();
        _block.Dispose();
    }

    private void FinishLevel(int level)
    {
        SetFlat(SegmentName.Ds, Data3, Data32Attributes | Dpl3);
        SetFlat(SegmentName.Es, Data3, Data32Attributes | Dpl3);
        Cpu->Segments[(int)SegmentName.Fs] = default;
        Cpu->Segments[(int)SegmentName.Gs] = default;
        Cpu->Cpl = level;
        Rsp = level == 0 ? InnerStack - 0x400 : OuterStack;
        ModeTracker.Update(Cpu);
    }

    private void FillGdt()
    {
        SetDescriptor(Code0, Segment(0, 0xFFFFF, Code32Attributes));
        SetDescriptor(Data0, Segment(0, 0xFFFFF, Data32Attributes));
        SetDescriptor(Code3, Segment(0, 0xFFFFF, Code32Attributes | Dpl3));
        SetDescriptor(Data3, Segment(0, 0xFFFFF, Data32Attributes | Dpl3));
        SetDescriptor(Code1, Segment(0, 0xFFFFF, Code32Attributes | Dpl1));
        SetDescriptor(Data1, Segment(0, 0xFFFFF, Data32Attributes | Dpl1));
        SetDescriptor(Conforming0, Segment(0, 0xFFFFF, Code32Attributes | SegmentAttributes.Conforming));
        SetDescriptor(LongCode0, Segment(0, 0xFFFFF, LongCodeAttributes));
        SetDescriptor(LongCode3, Segment(0, 0xFFFFF, LongCodeAttributes | Dpl3));
        SetDescriptor(Code16, Segment(0, 0xFFFF, Code16Attributes));
        SetDescriptor(Data16, Segment(0x8000, 0xFFFF, Data16Attributes));
    }
}
