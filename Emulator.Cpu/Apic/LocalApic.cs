namespace Emulator.Cpu;

/// <summary>A processor's local APIC, an xAPIC of version 14 with six local vectors (SDM volume 3, chapter 11).</summary>
/// <remarks>
/// <para>
/// It stands beside the engine, as with KVM and an interrupt controller in user space: the thread around the vCPU asks
/// it what to inject, brings it the accesses to its page, and keeps the task priority of the two in step.
/// </para>
/// <para>
/// Interrupts and signals come from any thread; registers, <see cref="TaskPriority"/>, acknowledging and taking belong to
/// the vCPU's own. What comes is noted by an interlocked operation, a full fence, and then <see cref="Wake"/> is called;
/// it pairs with the vCPU's thread, which clears its wake event, fences, and only then looks at the notes, before it sleeps.
/// One of the two sees the other: no wake-up is lost. For the same reason a vCPU that is running needs no more than a kick.
/// </para>
/// <para>
/// Not implemented: x2APIC and TSC-deadline modes, remote reads, thermal and performance interrupts (their entries are
/// stored), suppressed EOI broadcasts. The spurious vector is stored and never used: a vector is chosen and acknowledged
/// in one step, so no request can go away in between.
/// </para>
/// </remarks>
public sealed partial class LocalApic : IDisposable
{
    private const int FirstLegalVector = 16;

    private readonly ApicBus _bus;
    private readonly ApicTimer _timer;
    private readonly ProcessorSignals _signals;
    private readonly VectorSet _requests = new();
    private readonly VectorSet _levels = new();
    private readonly VectorSet _inService = new();
    private readonly bool _isBootstrap;
    private readonly byte _initialId;
    private uint _id;
    private uint _taskPriority;
    private uint _logicalDestination;
    private uint _destinationFormat;
    private uint _spuriousVector;
    private volatile bool _isPresent = true;
    private ulong _base;

    internal LocalApic(ApicBus bus, byte id, bool isBootstrap, IApicClock clock)
    {
        (_bus, _initialId, _isBootstrap) = (bus, id, isBootstrap);
        _signals = new ProcessorSignals(isBootstrap);
        _timer = new ApicTimer(clock, $"apic-{id}", () => DeliverLocal(LocalVector.Timer));
        Reset();
    }

    /// <summary>The APIC ID, which software may change.</summary>
    public byte Id => (byte)Volatile.Read(ref _id);

    /// <summary>Called, on any thread, when there is something new for the processor. Set before the machine runs.</summary>
    public Action? Wake { get; set; }

    /// <summary>False after IA32_APIC_BASE bit 11 was cleared: then LINT0 is INTR, LINT1 is NMI, and there is nothing else.</summary>
    public bool IsPresent => _isPresent;

    /// <summary>CR8: bits 7–4 of the task priority.</summary>
    public byte TaskPriority
    {
        get => (byte)(_taskPriority >> 4);
        set
        {
            // MOV to CR8 clears the low bits, but a CR8 that nobody moved to leaves them as they are.
            if (value != TaskPriority)
            {
                Volatile.Write(ref _taskPriority, (uint)(value & 15) << 4);
            }
        }
    }

    /// <summary>The priority class below which nothing is let through (SDM volume 3, 11.8.3.1).</summary>
    public byte ProcessorPriority
    {
        get
        {
            var task = Volatile.Read(ref _taskPriority);
            var service = (uint)Math.Max(_inService.Highest, 0);
            return (byte)(task >> 4 >= service >> 4 ? task : service & 0xF0);
        }
    }

    /// <summary>What lowest-priority delivery compares (SDM volume 3, 11.6.2.4).</summary>
    public byte ArbitrationPriority
    {
        get
        {
            var task = Volatile.Read(ref _taskPriority);
            var request = (uint)Math.Max(_requests.Highest, 0) >> 4;
            var service = (uint)Math.Max(_inService.Highest, 0) >> 4;
            return (byte)(task >> 4 >= request && task >> 4 > service ? task : Math.Max(Math.Max(task >> 4, service), request) << 4);
        }
    }

    /// <summary>The vector that would interrupt now if the processor let it, or -1.</summary>
    public int PendingVector
    {
        get
        {
            var vector = _requests.Highest;
            return vector < 0 || !IsAccepting || vector >> 4 <= ProcessorPriority >> 4 ? -1 : vector;
        }
    }

    /// <summary>True if INTR of the 8259 pair reaches the processor: through LINT0 in ExtINT mode, past an APIC that is switched off, or once by message.</summary>
    public bool AcceptsExternal
    {
        get
        {
            const uint Mode = LvtBits.Masked | 7u << LvtBits.ModeShift;
            return !_isPresent
                || (Volatile.Read(ref _lvt[(int)LocalVector.Lint0]) & Mode) == (uint)DeliveryMode.External << LvtBits.ModeShift
                || _signals.IsExternal;
        }
    }

    /// <summary>True if there may be an INIT, a start-up or an NMI to take.</summary>
    public bool HasSignals => _signals.IsAny;

    /// <summary>True while the processor waits for start-up and executes nothing.</summary>
    public bool IsWaitingForStartUp => _signals.IsWaiting;

    /// <summary>Takes INIT: the caller resets the processor. Then the APIC's registers are as after a reset, save its ID.</summary>
    public bool TakeInit()
    {
        if (!_signals.TakeInit())
        {
            return false;
        }

        ResetRegisters();
        return true;
    }

    /// <summary>Takes start-up: the caller starts the processor at <paramref name="vector"/> × 4096 in real mode.</summary>
    public bool TakeStartUp(out byte vector) => _signals.TakeStartUp(out vector);

    /// <summary>Takes an NMI.</summary>
    public bool TakeNmi() => _signals.TakeNmi();

    /// <summary>The vector of the 8259 pair has been taken; an ExtINT message is thereby served.</summary>
    public void ExternalTaken() => _signals.TakeExternal();

    /// <summary>Takes <see cref="PendingVector"/> into service, which is not -1 now.</summary>
    public byte Acknowledge()
    {
        var vector = (byte)PendingVector;
        _inService.Add(vector);
        _requests.Remove(vector);
        return vector;
    }

    /// <summary>True if an access of the processor's to this guest-physical address is to its APIC's page. The page can be moved, but not over RAM.</summary>
    public bool Answers(ulong address) => _isPresent && ((address ^ _base) & PageEntry.AddressMask) == 0;

    /// <summary>Brings IA32_APIC_BASE as the processor has it. A switched-off APIC forgets everything (SDM volume 3, 11.4.3).</summary>
    public void SetBase(ulong value)
    {
        if (value == _base)
        {
            return;
        }

        _base = value;
        var isPresent = (value & ApicBaseBits.Enable) != 0;
        if (_isPresent && !isPresent)
        {
            ResetRegisters();
        }

        _isPresent = isPresent;
    }

    /// <summary>Drives a pin. Any thread.</summary>
    /// <param name="pin"><see cref="LocalVector.Lint0"/> or <see cref="LocalVector.Lint1"/>.</param>
    /// <param name="asserted">True for the active level, whatever the polarity.</param>
    public void SetPin(LocalVector pin, bool asserted)
    {
        var level = asserted ? 1 : 0;
        var changed = Interlocked.Exchange(ref _pins[pin == LocalVector.Lint1 ? 1 : 0], level) != level;
        if (!asserted)
        {
            return;
        }

        if (pin == LocalVector.Lint0 && AcceptsExternal)
        {
            // Also if the pin was on: the 8259 pair may have taken a request back and made another in between.
            Wake?.Invoke();
        }
        else if (changed && _isPresent)
        {
            DeliverLocal(pin);
        }
        else if (changed && pin == LocalVector.Lint1)
        {
            Deliver(DeliveryMode.Nmi, 0, false);
        }
    }

    /// <summary>Power-up state, with the vCPU stopped.</summary>
    public void Reset()
    {
        _signals.Reset();
        Volatile.Write(ref _id, _initialId);
        _isPresent = true;
        _base = ulong.MaxValue;
        ResetRegisters();
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>True if a destination means this APIC (SDM volume 3, 11.6.2).</summary>
    internal bool Matches(byte destination, bool isLogical)
    {
        if (destination == InterruptMessage.Broadcast)
        {
            return true;
        }

        if (!isLogical)
        {
            return destination == Id;
        }

        const uint Flat = 15u << 28;
        var own = (byte)(Volatile.Read(ref _logicalDestination) >> 24);
        return Volatile.Read(ref _destinationFormat) == Flat
            ? (own & destination) != 0
            : own >> 4 == destination >> 4 && (own & destination & 15) != 0;
    }

    /// <summary>True if vectors are accepted.</summary>
    internal bool IsAccepting => _isPresent && (Volatile.Read(ref _spuriousVector) & SpuriousVectorBits.SoftwareEnable) != 0;

    /// <summary>Takes what is meant for this processor. Any thread.</summary>
    internal void Deliver(DeliveryMode mode, byte vector, bool isLevel)
    {
        switch (mode)
        {
            case DeliveryMode.Fixed or DeliveryMode.LowestPriority:
                if (IsAccepting)
                {
                    Accept(vector, isLevel);
                }

                return;
            case DeliveryMode.Nmi:
                _signals.RaiseNmi();
                break;
            case DeliveryMode.Init:
                _signals.RaiseInit();
                break;
            case DeliveryMode.StartUp:
                if (!_signals.RaiseStartUp(vector))
                {
                    return;
                }

                break;
            case DeliveryMode.External:
                _signals.RaiseExternal();
                break;
            default:
                return;     // SMI, reserved
        }

        // Behind a full fence; pairs with the fence between clearing the wake event and looking (VcpuThread.Step).
        Wake?.Invoke();
    }

    private void Accept(byte vector, bool isLevel)
    {
        if (vector < FirstLegalVector)
        {
            NoteError(ApicErrors.ReceiveIllegalVector);
            return;
        }

        // Before the request: whoever acknowledges it ends it by this.
        if (isLevel)
        {
            _levels.Add(vector);
        }
        else if (_levels.Contains(vector))
        {
            _levels.Remove(vector);
        }

        // One that is requested already has woken the processor already.
        if (_requests.Add(vector))
        {
            Wake?.Invoke();
        }
    }

    private void EndInterrupt()
    {
        var vector = _inService.Highest;
        if (vector < 0)
        {
            return;
        }

        _inService.Remove((byte)vector);
        if (_levels.Contains((byte)vector))
        {
            EndLocal((byte)vector);
            _bus.EndOfInterrupt?.Invoke((byte)vector);
        }
    }

    private void ResetRegisters()
    {
        Volatile.Write(ref _spuriousVector, SpuriousVectorBits.PowerUp);
        Volatile.Write(ref _taskPriority, 0);
        Volatile.Write(ref _logicalDestination, 0);
        Volatile.Write(ref _destinationFormat, 15u << 28);
        _requests.Clear();
        _levels.Clear();
        _inService.Clear();
        _timer.Reset();
        ResetLocal();
    }
}
