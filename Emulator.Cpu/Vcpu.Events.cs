namespace Emulator.Cpu;

/// <summary>What other threads can want of a vCPU: bits of <see cref="CpuState.Attention"/>.</summary>
internal static class AttentionBits
{
    public const int Kick = 1;
    public const int Nmi = 2;

    /// <summary>Pages with decoded code were written.</summary>
    public const int Code = 4;

    /// <summary>The address map changed: host addresses in the TLB are stale.</summary>
    public const int Map = 8;
}

/// <summary>Between blocks: requests of other threads, exceptions and interrupts, single steps.</summary>
public sealed unsafe partial class Vcpu
{
    private bool _nmi;
    private int _shadow;
    private ulong _resume;
    private ulong _carriedHits;

    /// <summary>Serves the requests.</summary>
    /// <returns>True if the run must end.</returns>
    private bool ServeAttention()
    {
        var wanted = Interlocked.Exchange(ref _cpu->Attention, 0);
        if ((wanted & AttentionBits.Map) != 0)
        {
            Code.Clear();
            TlbSet.FlushAll(_cpu);
        }

        if ((wanted & AttentionBits.Code) != 0)
        {
            while (_writtenPages.TryDequeue(out var page))
            {
                Code.InvalidatePage(page);
            }
        }

        _nmi |= (wanted & AttentionBits.Nmi) != 0;
        return (wanted & AttentionBits.Kick) != 0;
    }

    /// <summary>Delivers one exception or interrupt, if there is one to deliver.</summary>
    /// <returns>True if there was.</returns>
    private bool DeliverEvents()
    {
        var cpu = _cpu;
        InterruptResult result;
        if (cpu->Fault.IsPending)
        {
            _halted = false;
            result = Interrupts.DeliverPending(cpu);
        }
        else if (_nmi && cpu->NmiBlocked == 0 && cpu->InterruptShadow == 0)
        {
            _nmi = false;
            _halted = false;
            cpu->NmiBlocked = 1;
            result = Interrupts.DeliverInterrupt(cpu, Vector.NonMaskable);
        }
        else if (_injected >= 0)
        {
            var vector = (byte)_injected;
            _injected = -1;
            _halted = false;
            result = Interrupts.DeliverInterrupt(cpu, vector);
        }
        else
        {
            return false;
        }

        cpu->Resume = null;
        if (result == InterruptResult.NeedsExit)
        {
            // A table or stack in registers: the event stays pending, and its delivery starts over after the exit.
            return false;
        }

        cpu->BusLogCount = 0;
        cpu->DebugHits = 0;
        cpu->Unfinished = 0;
        _carriedHits = 0;
        _shutdown = result == InterruptResult.Shutdown;
        return true;
    }

    /// <summary>Before an instruction that runs alone: instruction breakpoints, and whether a trap follows it.</summary>
    /// <returns>False if a breakpoint fault is pending instead.</returns>
    private bool BeginSingle()
    {
        var cpu = _cpu;
        var hits = cpu->InterruptShadow == InterruptShadow.StackLoad ? 0 : InstructionHits();
        if (hits != 0)
        {
            return DebugControl.Raise(cpu, hits);
        }

        cpu->StepTrap = (cpu->SystemFlags & Rflags.Trap) != 0 ? 1 : 0;
        _resume = cpu->SystemFlags & Rflags.Resume;
        cpu->SystemFlags &= ~Rflags.Resume;
        _shadow = cpu->InterruptShadow;
        cpu->InterruptShadow = 0;
        return true;
    }

    /// <summary>After it: RF and the shadow are over unless the instruction set them itself, and the trap is due.</summary>
    private void EndSingle()
    {
        var cpu = _cpu;
        if (_stopped)
        {
            // The instruction runs again; what was true before it is true again.
            cpu->InterruptShadow = _shadow;
            cpu->SystemFlags |= _resume;
            cpu->DebugHits = 0;
            ModeTracker.Update(cpu);
            return;
        }

        if (cpu->Unfinished != 0)
        {
            cpu->SystemFlags |= _resume;
        }

        // Of several loads of SS in a row only the first holds anything off.
        if (_shadow == InterruptShadow.StackLoad && cpu->InterruptShadow == InterruptShadow.StackLoad)
        {
            cpu->InterruptShadow = 0;
        }

        ModeTracker.Update(cpu);
        RaiseDebugTraps(cpu->StepTrap != 0 ? Dr6.SingleStep : 0);
    }

    /// <summary>After a block that an access with a breakpoint on it has ended.</summary>
    private void EndWatched()
    {
        if (_stopped)
        {
            // The instruction runs again, and hits again.
            _cpu->DebugHits = 0;
            return;
        }

        RaiseDebugTraps(0);
    }

    /// <summary>Behind an instruction: raises #DB for what it has hit, and for what else is due there.</summary>
    /// <param name="reasons">Bits of DR6.</param>
    private void RaiseDebugTraps(ulong reasons)
    {
        var cpu = _cpu;
        if (cpu->Fault.IsPending)
        {
            cpu->DebugHits = 0;
            _carriedHits = 0;
            return;
        }

        var hits = cpu->DebugHits | _carriedHits;
        cpu->DebugHits = 0;
        _carriedHits = 0;
        if (cpu->InterruptShadow == InterruptShadow.StackLoad)
        {
            _carriedHits = hits;
            return;
        }

        reasons |= hits;
        if (reasons != 0)
        {
            DebugControl.Raise(cpu, reasons | InstructionHits());
        }
    }

    /// <summary>DR6 bits of the instruction breakpoints at RIP that are to be heeded.</summary>
    private ulong InstructionHits()
    {
        var cpu = _cpu;
        if (!Breakpoints.HasInstructionBreakpoints(cpu->Dr[7]) || (cpu->SystemFlags & Rflags.Resume) != 0)
        {
            return 0;
        }

        var isLinear = (cpu->Mode & (uint)CodeMode.Code64) != 0;
        return Breakpoints.InstructionHits(isLinear ? cpu->Rip : (uint)(cpu->Rip + cpu->Segments[(int)SegmentName.Cs].Base));
    }
}
