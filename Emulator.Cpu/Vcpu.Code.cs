using Emulator.Memory;

namespace Emulator.Cpu;

/// <summary>
/// Code that others write. A store through a write translation looks at nothing, so before a vCPU decodes a page it
/// sees to it that no vCPU holds one for it: its own it drops, and the others drop theirs at their next safe point.
/// A vCPU that others patch notices at its next serialising instruction at the latest, as the manual allows (SDM
/// volume 3, 8.1.3): each of those ends its block and so comes by the run loop.
/// </summary>
public sealed unsafe partial class Vcpu
{
    private long _dropsWanted;
    private long _dropsDone;
    private bool _inGuest;

    /// <summary>A page gets its first decoded code here, its byte in the code map is set: writes to it must be seen from now on.</summary>
    internal void CodePageAdded(ulong physicalPage)
    {
        TlbSet.FlushWrites(_cpu);
        _memory.NotifyCodeDecoded(physicalPage, this);
    }

    /// <summary>After a slow write of this vCPU's: drops decoded code that it changed, here and in the others; the page is dirty.</summary>
    /// <param name="pageByte">The page's byte in <see cref="RamBlock.CodeMap"/>.</param>
    /// <param name="physical">Guest-physical address of the first byte written.</param>
    /// <param name="size">Bytes, inside the page.</param>
    /// <returns>True if this vCPU's code was dropped.</returns>
    internal bool Written(byte* pageByte, ulong physical, int size)
    {
        var dropped = Code.Written(physical, size);
        _memory.NotifyWritten(pageByte, physical & ~0xFFFUL, this);
        return dropped;
    }

    void IMemoryObserver.CodeWritten(ulong physicalPage)
    {
        _writtenPages.Enqueue(physicalPage);
        Interlocked.Or(ref _cpu->Attention, AttentionBits.Code);
    }

    void IMemoryObserver.MapChanged() => Interlocked.Or(ref _cpu->Attention, AttentionBits.Map);

    void IMemoryObserver.CodeDecoded(ulong physicalPage) => AwaitDrop();

    void IMemoryObserver.PagesWatched() => AwaitDrop();

    // Which page it is about does not matter: all write translations go, and come back page by page.
    private void AwaitDrop()
    {
        var wanted = Interlocked.Increment(ref _dropsWanted);

        // Pairs with the fence in EnterGuest: either this sees the vCPU outside, or the vCPU sees the request before
        // it runs. Another vCPU that waits like this one serves requests meanwhile, so two never wait for each other.
        var spin = default(SpinWait);
        while (Volatile.Read(ref _inGuest) && Volatile.Read(ref _dropsDone) < wanted)
        {
            OnThisThread?.DropWrites();
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>
    /// The vCPU that is in the guest on this thread, for <see cref="IMemoryObserver.CodeDecoded"/> to serve while it
    /// waits. Null outside: nobody waits for that vCPU then, and it may be disposed of while its thread lives on.
    /// </summary>
    [field: ThreadStatic]
    internal static Vcpu? OnThisThread { get; private set; }

    /// <summary>From here to <see cref="LeaveGuest"/> handlers may store through write translations.</summary>
    internal void EnterGuest()
    {
        OnThisThread = this;
        Volatile.Write(ref _inGuest, true);
        Interlocked.MemoryBarrier();
        DropWrites();
    }

    /// <summary>Handlers store nothing until <see cref="EnterGuest"/>: others need not wait for this vCPU.</summary>
    internal void LeaveGuest()
    {
        Volatile.Write(ref _inGuest, false);
        OnThisThread = null;
    }

    /// <summary>
    /// Lets other host threads run, between two instructions. It may be long before the host comes back to this one, so
    /// that nobody may wait for it meanwhile, and what has come by then is looked at soon.
    /// </summary>
    internal void GiveWay()
    {
        var isScheduled = Turn.Current is not null;
        if (isScheduled)
        {
            // Whose turn is next is the schedule's to say, once this run has ended.
            _runEnd = 0;
        }
        else
        {
            LeaveGuest();
            Thread.Yield();
            EnterGuest();
        }

        if (isScheduled || Volatile.Read(ref _cpu->Attention) != 0)
        {
            // The budget ends here; what is left of it does not count as executed.
            _cpu->InstructionCount -= _cpu->Budget;
            _cpu->Budget = 0;
        }
    }

    /// <summary>Drops the write translations if another vCPU asked. Own thread, between instructions.</summary>
    private void DropWrites()
    {
        var wanted = Volatile.Read(ref _dropsWanted);
        if (wanted != _dropsDone)
        {
            TlbSet.FlushWrites(_cpu);
            Volatile.Write(ref _dropsDone, wanted);
        }
    }
}
