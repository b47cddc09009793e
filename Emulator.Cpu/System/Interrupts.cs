namespace Emulator.Cpu;

/// <summary>What became of an event's delivery.</summary>
internal enum InterruptResult
{
    /// <summary>RIP is at the handler.</summary>
    Delivered,

    /// <summary>Triple fault: the processor stops until it is reset.</summary>
    Shutdown,

    /// <summary>An access on the way needs an exit; the event stays pending and <see cref="Interrupts.DeliverPending"/> is called again.</summary>
    NeedsExit,
}

/// <summary>
/// Delivers exceptions, interrupts and software interrupts through the vector table or the IDT (SDM volume 3,
/// chapter 6). The other files of this class enter handlers in real, protected and long mode.
/// </summary>
internal static unsafe partial class Interrupts
{
    private const uint ExternalEvent = 1;

    private const int ContributoryVectors = 1 << Vector.DivideError | 1 << Vector.InvalidTss | 1 << Vector.SegmentNotPresent
        | 1 << Vector.StackFault | 1 << Vector.GeneralProtection;

    private const int SelectorErrorVectors = 1 << Vector.InvalidTss | 1 << Vector.SegmentNotPresent
        | 1 << Vector.StackFault | 1 << Vector.GeneralProtection;

    // Vectors 9, 16 and 19 (coprocessor) have no names here: nothing raises them yet.
    private const int FaultVectors = ContributoryVectors | 1 << Vector.BoundRange | 1 << Vector.InvalidOpcode
        | 1 << Vector.DeviceNotAvailable | 1 << 9 | 1 << Vector.PageFault | 1 << 16 | 1 << Vector.AlignmentCheck | 1 << 19;

    /// <summary>
    /// Delivers <see cref="CpuState.Fault"/>, with <see cref="CpuState.Rip"/> as the address to return to. A fault met
    /// on the way is delivered instead, or makes a double fault, or a triple one (SDM volume 3, 6.15, interrupt 8).
    /// </summary>
    public static InterruptResult DeliverPending(CpuState* cpu)
    {
        var current = cpu->Fault;
        while (true)
        {
            cpu->Fault = default;
            if (Enter(cpu, current, cpu->Rip))
            {
                return InterruptResult.Delivered;
            }

            if (!cpu->Fault.IsPending)
            {
                cpu->Fault = current;
                return InterruptResult.NeedsExit;
            }

            var next = cpu->Fault;
            if (!current.IsSoftware && next.Vector < 32 && (SelectorErrorVectors >> next.Vector & 1) != 0)
            {
                next.ErrorCode |= ExternalEvent;
            }

            if (!Combine(current, ref next))
            {
                cpu->Fault = default;
                return InterruptResult.Shutdown;
            }

            current = next;
        }
    }

    /// <summary>Delivers an exception at the present RIP.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="vector">0–31.</param>
    /// <param name="errorCode">Its error code, or null if it has none.</param>
    public static InterruptResult DeliverException(CpuState* cpu, byte vector, uint? errorCode)
    {
        cpu->Fault = new PendingFault
        {
            IsPending = true,
            Vector = vector,
            HasErrorCode = errorCode.HasValue,
            ErrorCode = errorCode.GetValueOrDefault(),
        };
        return DeliverPending(cpu);
    }

    /// <summary>Delivers an external interrupt at the present RIP. That IF allows it is the caller's to know.</summary>
    public static InterruptResult DeliverInterrupt(CpuState* cpu, byte vector)
    {
        cpu->Fault = new PendingFault { IsPending = true, Vector = vector, IsExternal = true };
        return DeliverPending(cpu);
    }

    /// <summary>Delivers an NMI at the present RIP and blocks further ones until IRET. That none is blocked is the caller's to know.</summary>
    public static InterruptResult DeliverNmi(CpuState* cpu)
    {
        cpu->NmiBlocked = 1;
        return DeliverInterrupt(cpu, Vector.NonMaskable);
    }

    /// <summary>INT n. A virtual-8086 task needs IOPL 3, or the interrupt redirection of CR4.VME.</summary>
    /// <returns>False if a fault is pending (then RIP is where it belongs) or the vCPU must exit.</returns>
    public static bool SoftwareInterrupt(CpuState* cpu, byte vector, ulong nextRip)
    {
        if ((cpu->Mode & (uint)CodeMode.Virtual8086) != 0)
        {
            var redirected = false;
            if ((cpu->Cr4 & Cr4.VirtualModeExtensions) != 0 && !IsRedirected(cpu, vector, out redirected))
            {
                return false;
            }

            if (redirected)
            {
                return EnterVirtual8086(cpu, vector, nextRip);
            }

            if (IoPermission.Level(cpu) < 3)
            {
                return Fault.GeneralProtection(cpu);
            }
        }

        return SoftwareException(cpu, vector, nextRip);
    }

    /// <summary>INT3 and INTO, which IOPL does not govern.</summary>
    /// <returns>False if a fault is pending (then RIP is where it belongs) or the vCPU must exit.</returns>
    public static bool SoftwareException(CpuState* cpu, byte vector, ulong nextRip) =>
        Enter(cpu, new PendingFault { Vector = vector, IsSoftware = true }, nextRip);

    /// <summary>INT1: a #DB trap that no gate's DPL stops. Notes the fault for delivery behind the instruction.</summary>
    /// <returns>Always false.</returns>
    public static bool DebugInterrupt(CpuState* cpu, ulong nextRip)
    {
        cpu->Rip = nextRip;
        return Fault.Raise(cpu, Vector.Debug);
    }

    /// <summary>Turns a second fault into a double fault where the table says so; false for a triple fault.</summary>
    internal static bool Combine(in PendingFault first, ref PendingFault second)
    {
        if (first.IsExternal || first.IsSoftware)
        {
            return true;
        }

        if (first.Vector == Vector.DoubleFault)
        {
            return false;
        }

        var firstPage = first.Vector == Vector.PageFault;
        if ((IsContributory(second.Vector) && (firstPage || IsContributory(first.Vector)))
            || (firstPage && second.Vector == Vector.PageFault))
        {
            second = new PendingFault { IsPending = true, Vector = Vector.DoubleFault, HasErrorCode = true };
        }

        return true;
    }

    private static bool IsContributory(byte vector) => vector < 32 && (ContributoryVectors >> vector & 1) != 0;

    private static bool Enter(CpuState* cpu, in PendingFault source, ulong returnRip)
    {
        var mode = (CodeMode)cpu->Mode;
        var entered = (mode & (CodeMode.Protected | CodeMode.Virtual8086)) == 0 ? EnterReal(cpu, source.Vector, returnRip)
            : (mode & CodeMode.Long) != 0 ? EnterLong(cpu, source, returnRip)
            : EnterProtected(cpu, source, returnRip);
        if (!entered)
        {
            return false;
        }

        // The handler of #DB must reach the debug registers (SDM volume 3, 18.2.4).
        if (source.Vector == Vector.Debug && !source.IsSoftware && !source.IsExternal)
        {
            cpu->Dr[7] &= ~Dr7.GeneralDetect;
        }

        return true;
    }

    /// <summary>The flags image for the frame. RF is set for faults and between the iterations of a string instruction, so that the instruction is not stopped by its breakpoint again (SDM volume 3, 18.3.1.1).</summary>
    private static ulong FrameFlags(CpuState* cpu, in PendingFault source)
    {
        var isFault = !source.IsExternal && !source.IsSoftware && source.Vector < 32 && (FaultVectors >> source.Vector & 1) != 0;
        return Flags.Read(cpu) | (isFault || cpu->Unfinished != 0 ? Rflags.Resume : 0);
    }

    /// <summary>Enters the handler: everything has been checked, the frame is written.</summary>
    private static void Commit(CpuState* cpu, in Segment code, int cpl, ulong offset, ulong clearedFlags)
    {
        cpu->Segments[(int)SegmentName.Cs] = code;
        cpu->Cpl = cpl;
        cpu->Rip = offset;
        cpu->SystemFlags &= ~clearedFlags;
        cpu->InterruptShadow = 0;
        cpu->StepTrap = 0;
        ModeTracker.Update(cpu);
    }

    /// <summary>An IDT gate's own error code: the vector, with the IDT bit.</summary>
    private static uint GateError(byte vector) => (uint)vector * 8 + 2;
}
