using Emulator.Memory;

namespace Emulator.Cpu.Tests;

/// <summary>A vCPU's state and a megabyte of RAM, for instructions that need both.</summary>
internal sealed unsafe class SystemRig : IDisposable
{
    private readonly RamBlock _ram = new("ram", 1 << 20);

    public SystemRig()
    {
        _ = Memory.AddRam("ram", 0, _ram, 0, _ram.Size);
        Cpu.State->Cr0 = Cr0.ExtensionType;
        ModeTracker.Update(Cpu.State);
    }

    public TestCpu Cpu { get; } = new();

    public CpuState* State => Cpu.State;

    public GuestMemory Memory { get; } = new();

    public ulong Control(int number)
    {
        Assert.True(ControlRegisters.ReadControl(State, number, out var value));
        return value;
    }

    public void Load(int number, ulong value)
    {
        Assert.True(ControlRegisters.WriteControl(State, Memory, number, value), $"CR{number} = {value:X}");
        Assert.False(State->Fault.IsPending);
    }

    /// <summary>Asserts that a load is #GP(0) and changes neither control registers nor EFER.</summary>
    public void Refuse(int number, ulong value)
    {
        var before = (State->Cr0, State->Cr2, State->Cr3, State->Cr4, State->Cr8, State->Efer);
        Assert.False(ControlRegisters.WriteControl(State, Memory, number, value), $"CR{number} = {value:X}");
        Cpu.AssertFault(Vector.GeneralProtection, 0);
        Assert.Equal(before, (State->Cr0, State->Cr2, State->Cr3, State->Cr4, State->Cr8, State->Efer));
    }

    public void Write(ulong address, ulong value) => _ = Memory.Write(address, 8, value);

    public void WriteMsr(uint index, ulong value) => Assert.True(ModelSpecificRegisters.Write(State, index, value), $"{index:X} = {value:X}");

    public ulong ReadMsr(uint index)
    {
        Assert.True(ModelSpecificRegisters.Read(State, index, out var value), $"{index:X}");
        return value;
    }

    public void RefuseMsr(uint index, ulong value)
    {
        var existed = ModelSpecificRegisters.TryRead(State, index, out var before);
        Assert.False(ModelSpecificRegisters.Write(State, index, value), $"{index:X} = {value:X}");
        Cpu.AssertFault(Vector.GeneralProtection, 0);
        Assert.True(!existed || ModelSpecificRegisters.TryRead(State, index, out var after) && (after == before || index == Msr.TimeStampCounter));
    }

    public void Dispose()
    {
        Memory.Dispose();
        _ram.Dispose();
        Cpu.Dispose();
    }
}
