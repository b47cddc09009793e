using System.Runtime.InteropServices;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Runs cases on the processor we run on.</summary>
/// <remarks>One thread at a time. Signals are blocked around a batch, except those that a fault raises.</remarks>
internal sealed unsafe class NativeExecutor : IExecutor
{
    private static readonly int[] s_faultSignals =
        [HostCalls.SigIll, HostCalls.SigTrap, HostCalls.SigBus, HostCalls.SigFpe, HostCalls.SigSegv];

    private readonly NativeDriver _driver;

    private NativeExecutor()
    {
        _driver = new NativeDriver();
        byte* data = (byte*)DiffLayout.Data;
        for (int slot = 0; slot < DiffLayout.Slots; slot++)
        {
            ReadOnlyPage(slot).CopyTo(new Span<byte>(data + (slot * DiffLayout.DataStride), DiffLayout.PageSize));
            nint first = (nint)DiffLayout.DataSlot(slot);
            _ = HostCalls.Protect(first, DiffLayout.PageSize, HostCalls.ProtectRead);
            _ = HostCalls.Protect(first + (3 * DiffLayout.PageSize), DiffLayout.PageSize, HostCalls.ProtectNone);
        }
    }

    /// <summary>The processor of a Linux host, or null and why it cannot be used.</summary>
    public static (NativeExecutor? Executor, string Reason) Shared { get; } = Create();

    /// <summary>Where pads jump to on the host.</summary>
    public ulong LeaveAddress => _driver.LeaveAddress;

    /// <summary>What a slot's read-only page holds.</summary>
    public static byte[] ReadOnlyPage(int slot)
    {
        byte[] page = new byte[DiffLayout.PageSize];
        SplitMix random = new((ulong)slot);
        for (int i = 0; i < page.Length; i++)
        {
            page[i] = (byte)random.Next();
        }

        return page;
    }

    public void Run(ReadOnlySpan<DiffCase> cases, ReadOnlySpan<Outcome> outcomes)
    {
        byte* table = (byte*)(DiffLayout.Driver + NativeDriver.Table);
        for (int i = 0; i < cases.Length; i++)
        {
            DiffCase test = cases[i];
            test.Code.CopyTo(new Span<byte>((void*)test.CodeBase, DiffLayout.CodeSize));
            test.Memory.CopyTo(new Span<byte>((void*)test.DataBase, DiffLayout.WritableSize));
            ulong* entry = (ulong*)(table + (i * NativeDriver.EntrySize));
            for (int r = 0; r < 16; r++)
            {
                entry[r] = test.Gpr[r];
            }

            entry[NativeDriver.LoadFlags / 8] = test.Rflags;
            entry[NativeDriver.LoadEntry / 8] = test.Entry;
        }

        RunTable(table, cases.Length);

        for (int i = 0; i < cases.Length; i++)
        {
            ReadResults(table + (i * NativeDriver.EntrySize) + NativeDriver.Results, cases[i], outcomes[i]);
        }
    }

    private static void ReadResults(byte* results, DiffCase test, Outcome outcome)
    {
        outcome.Clear();
        ulong* values = (ulong*)results;
        for (int r = 0; r < 16; r++)
        {
            outcome.Gpr[r] = values[r];
        }

        outcome.Rflags = values[NativeDriver.Flags / 8];
        outcome.Vector = (int)(long)values[NativeDriver.Trap / 8];
        outcome.Ds = (ushort)values[NativeDriver.Ds / 8];
        outcome.Es = (ushort)values[NativeDriver.Es / 8];
        outcome.Ss = (ushort)values[NativeDriver.Ss / 8];
        if (outcome.Vector >= 0)
        {
            outcome.ErrorCode = values[NativeDriver.Error / 8];
            outcome.FaultAddress = values[NativeDriver.FaultAddress / 8];
            outcome.Rip = values[NativeDriver.Rip / 8];
        }
        else
        {
            outcome.Stop = (uint)values[NativeDriver.Stop / 8];
        }

        new Span<byte>((void*)test.DataBase, DiffLayout.WritableSize).CopyTo(outcome.Memory);
    }

    private void RunTable(byte* table, int count)
    {
        HostCalls.SignalSet blocked;
        HostCalls.SignalSet oldMask;
        blocked.Bits[0] = ulong.MaxValue;
        foreach (int signal in s_faultSignals)
        {
            blocked.Bits[0] &= ~(1UL << (signal - 1));
        }

        HostCalls.SignalStack stack = new() { Base = (nuint)NativeDriver.SignalStack, Size = NativeDriver.SignalStackSize };
        HostCalls.SignalStack oldStack;
        _ = HostCalls.ChangeSignalMask(HostCalls.SetSignalMask, &blocked, &oldMask);
        _ = HostCalls.SetSignalStack(&stack, &oldStack);
        ulong oldGs = HostCalls.GetGsBase();
        HostCalls.SetGsBase(DiffLayout.GsBase);
        HostCalls.SignalAction* old = stackalloc HostCalls.SignalAction[s_faultSignals.Length];
        for (int i = 0; i < s_faultSignals.Length; i++)
        {
            HostCalls.SignalAction action = new()
            {
                Handler = (nuint)_driver.HandlerAddress,
                Flags = HostCalls.SignalInfo | HostCalls.SignalOnAlternateStack,
            };
            _ = HostCalls.SetSignalAction(s_faultSignals[i], null, &old[i]);
            ((nuint*)(DiffLayout.Driver + NativeDriver.OldHandlers))[s_faultSignals[i]] = old[i].Handler;
            _ = HostCalls.SetSignalAction(s_faultSignals[i], &action, null);
        }

        ((delegate* unmanaged<byte*, nint, void>)DiffLayout.DriverCode)(table, count);

        for (int i = 0; i < s_faultSignals.Length; i++)
        {
            _ = HostCalls.SetSignalAction(s_faultSignals[i], &old[i], null);
        }

        HostCalls.SetGsBase(oldGs);
        _ = HostCalls.SetSignalStack(&oldStack, null);
        _ = HostCalls.ChangeSignalMask(HostCalls.SetSignalMask, &oldMask, null);
    }

    private static (NativeExecutor? Executor, string Reason) Create()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return (null, $"the truth is an x86-64 processor under Linux; this is {RuntimeInformation.RuntimeIdentifier}");
        }

        (ulong Address, ulong Size)[] ranges =
        [
            (DiffLayout.Data, DiffLayout.Slots * DiffLayout.DataStride),
            (DiffLayout.Code, DiffLayout.CodeLength),
            (DiffLayout.Stop, DiffLayout.PageSize),
            (DiffLayout.Driver, 0x1_0000),
            (DiffLayout.DriverCode, DiffLayout.PageSize),
            (NativeDriver.SignalStack, NativeDriver.SignalStackSize),
        ];
        foreach ((ulong address, ulong size) in ranges)
        {
            bool isCode = address is DiffLayout.Code or DiffLayout.DriverCode;
            if (!HostCalls.MapAt(address, size, isCode ? HostCalls.ProtectAll : HostCalls.ProtectReadWrite))
            {
                return (null, $"the host does not give us executable memory at the fixed address 0x{address:X}");
            }
        }

        return (new NativeExecutor(), "");
    }
}
