using System.Runtime.InteropServices;

namespace Emulator.Cpu;

/// <summary>A vCPU's native memory: the state, the TLBs, the jump cache and some scratch, in one allocation.</summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    private const int PageSize = 4096;
    private byte* _block;

    public NativeBlock()
    {
        var state = Align(sizeof(CpuState));
        var tlb = TlbSet.Total * sizeof(TlbEntry);
        var jumps = JumpEntry.Count * sizeof(JumpEntry);
        var fills = Align(sizeof(TlbFills));
        var registers = Align(sizeof(ModelSpecificState));
        var size = (nuint)(state + tlb + jumps + fills + registers + 2 * PageSize);
        _block = (byte*)NativeMemory.AlignedAlloc(size, PageSize);
        NativeMemory.Clear(_block, size);
        Cpu = (CpuState*)_block;
        Cpu->TlbSets = (TlbEntry*)(_block + state);
        Cpu->JumpEntries = (JumpEntry*)(_block + state + tlb);
        Cpu->JumpTag = 1UL << ModeTracker.Bits;
        Cpu->TlbFills = (TlbFills*)(_block + state + tlb + jumps);
        Cpu->ModelSpecific = (ModelSpecificState*)(_block + state + tlb + jumps + fills);
        FloatingPage = _block + state + tlb + jumps + fills + registers;
        NativeMemory.Fill(FloatingPage, PageSize, 0xFF);
        Buffer = FloatingPage + PageSize;
        Copy = (Op*)(Buffer + 64);
        Cpu->ModelSpecific->ProcessorCount = 1;
    }

    /// <summary>The state.</summary>
    public CpuState* Cpu { get; }

    /// <summary>A page of 0xFF.</summary>
    public byte* FloatingPage { get; }

    /// <summary>64 bytes that stand in for memory outside RAM.</summary>
    public byte* Buffer { get; }

    /// <summary>Room for two ops.</summary>
    public Op* Copy { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_block);
        _block = null;
    }

    private static int Align(int size) => (size + PageSize - 1) & ~(PageSize - 1);
}
