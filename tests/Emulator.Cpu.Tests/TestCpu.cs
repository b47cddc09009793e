using System.Runtime.InteropServices;

namespace Emulator.Cpu.Tests;

/// <summary>A vCPU's state block without a vCPU around it, in its power-up state.</summary>
internal sealed unsafe class TestCpu : IDisposable
{
    public TestCpu()
    {
        State = (CpuState*)Allocate((nuint)sizeof(CpuState));
        State->TlbSets = (TlbEntry*)Allocate((nuint)sizeof(TlbEntry) * TlbSet.Total);
        State->TlbFills = (TlbFills*)Allocate((nuint)sizeof(TlbFills));
        State->JumpEntries = (JumpEntry*)Allocate((nuint)sizeof(JumpEntry) * JumpEntry.Count);
        State->ModelSpecific = (ModelSpecificState*)Allocate((nuint)sizeof(ModelSpecificState));
        State->Cr0 = Cr0.ExtensionType | Cr0.CacheDisable | Cr0.NotWriteThrough;
        State->SystemFlags = Rflags.Fixed;
        State->Rip = 0xFFF0;
        State->TscFromInstructions = 1;
        ref var code = ref Segment(SegmentName.Cs);
        code = new Segment { Selector = 0xF000, Base = 0xFFFF_0000, Limit = 0xFFFF, Attributes = 0x9B };
        foreach (var name in new[] { SegmentName.Es, SegmentName.Ss, SegmentName.Ds, SegmentName.Fs, SegmentName.Gs })
        {
            Segment(name) = new Segment { Limit = 0xFFFF, Attributes = 0x93 };
        }

        DebugControl.Reset(State);
        ModelSpecificState.Reset(State, 0);
        TlbSet.FlushAll(State);
        ModeTracker.Update(State);
    }

    public CpuState* State { get; }

    public ref Segment Segment(SegmentName name) => ref State->Segments[(int)name];

    /// <summary>The fault raised since the last call, if any; it is then forgotten.</summary>
    public PendingFault TakeFault()
    {
        var fault = State->Fault;
        State->Fault = default;
        return fault;
    }

    /// <summary>Asserts that exactly this exception was raised, and forgets it.</summary>
    public void AssertFault(byte vector, uint? errorCode = null)
    {
        var fault = TakeFault();
        Assert.True(fault.IsPending);
        Assert.Equal(vector, fault.Vector);
        Assert.Equal(errorCode.HasValue, fault.HasErrorCode);
        Assert.Equal(errorCode ?? 0, fault.ErrorCode);
    }

    /// <summary>Selects 4-level paging, CPL 0, 64-bit code, without going through any instruction.</summary>
    public void EnterLongMode()
    {
        State->Cr0 = Cr0.ExtensionType | Cr0.ProtectionEnable | Cr0.Paging;
        State->Cr4 |= Cr4.PhysicalAddressExtension;
        State->Efer |= Efer.LongModeEnable | Efer.LongModeActive;
        Segment(SegmentName.Cs).Attributes = 0x9B | SegmentAttributes.Long;
        ModeTracker.Update(State);
    }

    /// <summary>Puts a translation into the TLB set in use, to see whether it is still there later.</summary>
    public void FillTlb(ulong linear, bool global, bool write = false) => TlbSet.Fill(State, linear, (byte*)0x1000, write, global);

    /// <summary>True if the set in use still holds the page.</summary>
    public bool TlbHolds(ulong linear, bool write = false)
    {
        var entry = (TlbEntry*)((byte*)State->Tlb + TlbSet.Index(linear) + (write ? TlbSet.WriteOffset : 0));
        return entry->Tag == (linear & ~0xFFFUL);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(State->ModelSpecific);
        NativeMemory.AlignedFree(State->JumpEntries);
        NativeMemory.AlignedFree(State->TlbFills);
        NativeMemory.AlignedFree(State->TlbSets);
        NativeMemory.AlignedFree(State);
    }

    private static void* Allocate(nuint bytes)
    {
        var block = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(block, bytes);
        return block;
    }
}
