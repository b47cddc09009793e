using Emulator.Cpu;
using Emulator.Memory;

namespace Emulator.Host.Vcpus;

/// <summary>What a vCPU's thread does after an exit has been served.</summary>
internal enum ExitOutcome
{
    /// <summary>Look at interrupts and requests, then run on.</summary>
    Continue,

    /// <summary>Wait for an interrupt, an NMI, a reset or the end.</summary>
    Halt,

    /// <summary>End: a triple fault.</summary>
    TripleFault,

    /// <summary>End: the engine is broken.</summary>
    InternalError,
}

/// <summary>Serves exits; knows the buses and no engine.</summary>
internal static class ExitDispatcher
{
    /// <summary>Serves one exit on the thread of the vCPU that made it.</summary>
    /// <param name="reason">Why it came out.</param>
    /// <param name="exit">The particulars; a read's value is put into it, all ones if nothing answers.</param>
    /// <param name="ports">For <see cref="ExitReason.Io"/>.</param>
    /// <param name="memory">For <see cref="ExitReason.Mmio"/>.</param>
    public static ExitOutcome Dispatch(ExitReason reason, ref VcpuExit exit, PortSpace ports, GuestMemory memory)
    {
        switch (reason)
        {
            case ExitReason.Io:
                if (exit.IsWrite)
                {
                    _ = ports.Write((ushort)exit.Address, exit.Size, exit.Data);
                }
                else if (ports.Read((ushort)exit.Address, exit.Size, out exit.Data) != BusStatus.Ok)
                {
                    exit.Data = AllOnes(exit.Size);
                }

                return ExitOutcome.Continue;

            case ExitReason.Mmio:
                if (exit.IsWrite)
                {
                    _ = memory.Write(exit.Address, exit.Size, exit.Data);
                }
                else if (memory.Read(exit.Address, exit.Size, out exit.Data) != BusStatus.Ok)
                {
                    exit.Data = AllOnes(exit.Size);
                }

                return ExitOutcome.Continue;

            case ExitReason.Hlt:
                return ExitOutcome.Halt;

            case ExitReason.IrqWindowOpen:
            case ExitReason.SetTpr:
            case ExitReason.Intr:
                return ExitOutcome.Continue;

            case ExitReason.Shutdown:
                return ExitOutcome.TripleFault;

            default:
                return ExitOutcome.InternalError;
        }
    }

    private static ulong AllOnes(int size) => ulong.MaxValue >> (64 - (size * 8));
}
