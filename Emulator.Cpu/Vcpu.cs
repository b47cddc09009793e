using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Cpu.Interpreter;
using Emulator.Cpu.Translation;
using Emulator.Memory;
using Microsoft.Extensions.Logging;

namespace Emulator.Cpu;

/// <summary>How a vCPU differs from the default.</summary>
public sealed record VcpuOptions
{
    /// <summary>Compile handlers with register numbers in their code for blocks that are hot.</summary>
    public bool Specialise { get; init; } = true;

    /// <summary>Processors in the machine, 1 to 255: for CPUID, which shows them as cores of one package whose APIC IDs are their numbers.</summary>
    public int ProcessorCount { get; init; } = 1;

    /// <summary>True if a local APIC stands beside the vCPU: CPUID shows it, IA32_APIC_BASE switches it, CR8 exits.</summary>
    public bool HasLocalApic { get; init; }

    /// <summary>The vCPU's side of a simulated memory; null: it reaches RAM directly.</summary>
    public Initiator? Initiator { get; init; }

    /// <summary>Where the time-stamp counter starts, shared by the processors of a machine; null: where this one was reset.</summary>
    public TimeStampOrigin? TimeStampOrigin { get; init; }
}

/// <summary>One virtual processor, interpreted, behind the exit contract of Linux's KVM: it runs until somebody else is needed.</summary>
/// <remarks>
/// <see cref="Run"/> and the state belong to one thread at a time; <see cref="Kick"/> and <see cref="RaiseNmi"/> may be
/// called from any. No guest can make any member throw.
/// </remarks>
public sealed unsafe partial class Vcpu : IDisposable, IMemoryObserver
{
    /// <summary>Instructions between two looks at what other threads want, at most; some tens of microseconds.</summary>
    private const int Quantum = 20_000;

    /// <summary>Handlers that may be compiled for hot blocks in a vCPU's life.</summary>
    private const int SpecialiseBudget = 2_500;

    private readonly CpuState* _cpu;
    private readonly GuestMemory _memory;
    private readonly ILogger _logger;
    private readonly NativeBlock _native;
    private readonly GCHandle _self;
    private readonly Translator _translator;
    private readonly ConcurrentQueue<ulong> _writtenPages = new();
    private int _specialiseBudget;
    private VcpuExit _exit;
    private bool _stopped;
    private bool _halted;
    private bool _shutdown;
    private int _injected = -1;
    private bool _priorityLowered;
    private long _runEnd = long.MaxValue;
    private long _granted;

    /// <summary>Makes a processor in its power-up state.</summary>
    public Vcpu(int index, GuestMemory memory, ILogger logger, VcpuOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Index = index;
        _memory = memory;
        _logger = logger;
        options ??= new VcpuOptions();
        _specialiseBudget = options.Specialise ? SpecialiseBudget : 0;
        TimeStampOrigin = options.TimeStampOrigin;
        _native = new NativeBlock();
        _cpu = _native.Cpu;
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        _cpu->Owner = GCHandle.ToIntPtr(_self);
        _cpu->ModelSpecific->ProcessorCount = (uint)options.ProcessorCount;
        _cpu->ModelSpecific->HasLocalApic = options.HasLocalApic ? 1 : 0;
        Initiator = options.Initiator;
        _translator = new Translator { HasStoreBuffer = Initiator is not null };
        Breakpoints = new Breakpoints(_cpu);
        Memory = new SlowMemory(this, _cpu, memory, _native.Buffer);
        Code = new CodeCache(this, _cpu, memory, _translator);
        memory.AddObserver(this);
        Reset();
    }

    /// <summary>The processor's number, from 0.</summary>
    public int Index { get; }

    /// <summary>The particulars of the last exit; a read's value is put into <see cref="VcpuExit.Data"/> before running again.</summary>
    public ref VcpuExit Exit => ref _exit;

    /// <summary>True if an external interrupt can be injected now. Between runs.</summary>
    public bool ReadyForInterrupt =>
        (_cpu->SystemFlags & Rflags.Interrupt) != 0 && _cpu->InterruptShadow == 0 && !_cpu->Fault.IsPending
        && _cpu->BusLogCount == 0 && !Memory.HasPendingWrites && _injected < 0 && !_shutdown;

    /// <summary>Asks for <see cref="ExitReason.IrqWindowOpen"/> as soon as the guest can take an interrupt.</summary>
    public bool RequestInterruptWindow { get; set; }

    /// <summary>
    /// Ends a run with <see cref="ExitReason.Intr"/> behind the block in which so many instructions have retired since it
    /// began, or a PAUSE: how a deterministic schedule makes turns. 0 is no limit.
    /// </summary>
    public long RunLimit { get; set; }

    /// <summary>Guest instructions retired; of a block that is under way, none. The vCPU's own thread, or while it stands still.</summary>
    public long InstructionCount => _cpu->InstructionCount + _granted - _cpu->Budget;

    /// <summary>What an <see cref="ExitReason.InternalError"/> was.</summary>
    public string InternalErrorMessage { get; private set; } = "";

    /// <summary>The vCPU's side of a simulated memory, or null.</summary>
    internal Initiator? Initiator { get; }

    internal TimeStampOrigin? TimeStampOrigin { get; }

    internal SlowMemory Memory { get; }

    internal CodeCache Code { get; }

    internal Breakpoints Breakpoints { get; }

    internal GuestMemory GuestMemory => _memory;

    internal CpuState* State => _cpu;

    /// <summary>A page of 0xFF: what fetching where nothing answers brings.</summary>
    internal byte* FloatingPage => _native.FloatingPage;

    /// <summary>The op whose copy <see cref="CopyForOnce"/> made.</summary>
    internal Op* OriginalOfCopy { get; private set; }

    /// <summary>The vCPU around a state block.</summary>
    internal static Vcpu Of(CpuState* cpu) => Unsafe.As<Vcpu>(GCHandle.FromIntPtr(cpu->Owner).Target!);

    /// <summary>Runs until something outside is needed. The vCPU's own thread only.</summary>
    public ExitReason Run()
    {
        Memory.Log.Rewind();
        Memory.Log.Complete(_cpu, _exit.Data);
        _runEnd = RunLimit > 0 ? _cpu->InstructionCount + RunLimit : long.MaxValue;
        while (true)
        {
            if (Memory.HasPendingWrites)
            {
                Memory.TakePendingWrite(ref _exit);
                return _exit.Reason;
            }

            if (Volatile.Read(ref _cpu->Attention) != 0 && ServeAttention())
            {
                return Leave(ExitReason.Intr);
            }

            if (_shutdown)
            {
                return Leave(ExitReason.Shutdown);
            }

            if ((_cpu->BusLogCount == 0 || _cpu->Fault.IsPending) && DeliverEvents())
            {
                continue;
            }

            if (_stopped)
            {
                _stopped = false;
                return _exit.Reason;
            }

            if (_halted)
            {
                return Leave(ExitReason.Hlt);
            }

            if (_priorityLowered)
            {
                _priorityLowered = false;
                return Leave(ExitReason.SetTpr);
            }

            if (RequestInterruptWindow && ReadyForInterrupt)
            {
                return Leave(ExitReason.IrqWindowOpen);
            }

            Execute();
            if (_stopped)
            {
                _stopped = false;
                return _exit.Reason;
            }

            if (_cpu->InstructionCount >= _runEnd)
            {
                return Leave(ExitReason.Intr);
            }
        }
    }

    /// <summary>Ends the present or the next run soon with <see cref="ExitReason.Intr"/>. Any thread.</summary>
    public void Kick() => Interlocked.Or(ref _cpu->Attention, AttentionBits.Kick);

    /// <summary>Injects an acknowledged external interrupt; only when <see cref="ReadyForInterrupt"/>.</summary>
    public void Interrupt(byte vector) => _injected = vector;

    /// <summary>Raises a non-maskable interrupt. Any thread.</summary>
    public void RaiseNmi() => Interlocked.Or(ref _cpu->Attention, AttentionBits.Nmi);

    /// <summary>Notes that the vCPU must leave the run loop for <see cref="Exit"/>.</summary>
    /// <returns>Always false.</returns>
    internal bool StopForExit()
    {
        _stopped = true;
        return false;
    }

    /// <summary>Makes or recalls a port access of IN and OUT.</summary>
    /// <returns>False when the vCPU must exit for it; it then goes on at the op without a look-up.</returns>
    internal bool PortAccess(Op* op, bool write, ushort port, int size, ref ulong data)
    {
        if (Memory.Port(write, port, size, ref data))
        {
            return true;
        }

        _cpu->Resume = op;
        return false;
    }

    /// <summary>Executes HLT: leaves the run loop once the instruction is done.</summary>
    internal void Halt() => _halted = true;

    /// <summary>CR8 was lowered: what it held back may be let through now, which the thread around must see.</summary>
    internal void TaskPriorityLowered() => _priorityLowered = true;

    /// <summary>Copies an op, with a handler behind it that completes its access.</summary>
    internal Op* CopyForOnce(Op* op)
    {
        var copy = _native.Copy;
        copy[0] = *op;
        copy[1] = new Op { Handler = &MissPath.AfterOnce, PageOffset = op->PageOffset, Length = op->Length };
        OriginalOfCopy = op;
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.RemoveObserver(this);
        Code.Dispose();
        _translator.Dispose();
        _self.Free();
        _native.Dispose();
    }

    private ExitReason Leave(ExitReason reason)
    {
        _exit = new VcpuExit { Reason = reason };
        return reason;
    }

    /// <summary>Runs blocks until the budget is spent or slow code wants the loop.</summary>
    private void Execute()
    {
        var cpu = _cpu;
        var single = (cpu->Mode & (uint)CodeMode.Single) != 0;
        if (single && !BeginSingle())
        {
            return;
        }

        var op = cpu->Resume;
        if (op == null)
        {
            op = Code.Recall(cpu->Rip);
            if (op == null)
            {
                return;
            }
        }

        cpu->StopBehind = 0;
        cpu->Unfinished = 0;
        long budget = single || FinishesBeforeEvent() ? 0 : Math.Min(Quantum, Math.Max(_runEnd - cpu->InstructionCount - 1, 0));
        cpu->Budget = _granted = budget;
        cpu->Resume = null;
        EnterGuest();
        do
        {
            op = op->Handler(cpu, op);
        }
        while (op != null);
        LeaveGuest();
        cpu->InstructionCount += budget - cpu->Budget;
        _granted = cpu->Budget;
        if (cpu->Fault.IsPending)
        {
            // What the instruction read outside RAM is nothing to its exception's delivery.
            cpu->BusLogCount = 0;
        }

        if (single)
        {
            cpu->Resume = null;
            EndSingle();
        }
        else
        {
            if (cpu->Resume != null && !_stopped)
            {
                Sample(cpu->Resume);
            }

            if (cpu->DebugHits != 0)
            {
                EndWatched();
            }
        }
    }

    /// <summary>
    /// True if an event waits only for the instruction that made the last exit. A loop that polls a register would make
    /// its next exit before it looks, and never take the event; so look at the end of this block.
    /// </summary>
    private bool FinishesBeforeEvent() =>
        _cpu->BusLogCount != 0
        && ((RequestInterruptWindow && (_cpu->SystemFlags & Rflags.Interrupt) != 0) || (_nmi && _cpu->NmiBlocked == 0));

    /// <summary>The budget ran out at this block: it is probably hot.</summary>
    private void Sample(Op* first)
    {
        if (_specialiseBudget > 0 && (nint)first->Handler != (nint)Translator.ResolveSamePage && ++first[-1].Disp == 2)
        {
            Translator.Specialise(first, ref _specialiseBudget);
        }
    }
}
