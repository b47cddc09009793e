namespace Emulator.Cpu;

/// <summary>What other threads can want of a vCPU: bits of <see cref="CpuState.Attention"/>.</summary>
internal static class AttentionBits
{
    public const int Kick = 1;
    public const int Nmi = 2;

    /// <summary>Pages with decoded code were written.</summary>
    public const int Code = 4;

    /// <summary>Another vCPU decodes a page: write translations must go.</summary>
    public const int Writes = 16;

    /// <summary>The address map changed: host addresses in the TLB are stale.</summary>
    public const int Map = 8;
}

/// <summary>Between blocks: requests of other threads, exceptions and interrupts, single steps.</summary>
public sealed unsafe partial class Vcpu
{
    private bool _nmi;
    private bool _trapped;
    private bool _inShadow;

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
        _shutdown = result == InterruptResult.Shutdown;
        return true;
    }

    /// <summary>Before an instruction that runs alone: instruction breakpoints, and whether a trap follows it.</summary>
    /// <returns>False if a breakpoint fault is pending instead.</returns>
    private bool BeginSingle()
    {
        var cpu = _cpu;
        if (Breakpoints.HasInstructionBreakpoints(cpu->Dr[7]) && (cpu->SystemFlags & Rflags.Resume) == 0)
        {
            var linear = (cpu->Mode & (uint)CodeMode.Code64) != 0 ? cpu->Rip : (uint)(cpu->Rip + cpu->Segments[(int)SegmentName.Cs].Base);
            var hits = Breakpoints.InstructionHits(linear);
            if (hits != 0 && cpu->InterruptShadow == 0)
            {
                cpu->Dr[6] |= hits;
                return Fault.Raise(cpu, Vector.Debug);
            }
        }

        _trapped = (cpu->SystemFlags & Rflags.Trap) != 0;
        _inShadow = cpu->InterruptShadow != 0;
        cpu->InterruptShadow = 0;
        return true;
    }

    /// <summary>After it: the shadow is over unless the instruction cast one itself, and the trap is due.</summary>
    private void EndSingle()
    {
        var cpu = _cpu;
        if (cpu->Fault.IsPending || _stopped)
        {
            // The instruction runs again; what was true before it is true again.
            cpu->InterruptShadow = _inShadow ? 1 : cpu->InterruptShadow;
            ModeTracker.Update(cpu);
            return;
        }

        cpu->SystemFlags &= ~Rflags.Resume;
        ModeTracker.Update(cpu);
        if (_trapped && cpu->InterruptShadow == 0)
        {
            cpu->Dr[6] |= 1UL << 14;
            Fault.Raise(cpu, Vector.Debug);
        }
    }

    private void NoteDataBreakpoints()
    {
        var hits = Breakpoints.TakeHits();
        if (hits == 0)
        {
            return;
        }

        _cpu->Dr[6] |= hits;
        if (!_cpu->Fault.IsPending && !_stopped)
        {
            Fault.Raise(_cpu, Vector.Debug);
        }
    }
}
