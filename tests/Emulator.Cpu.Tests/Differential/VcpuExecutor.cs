using System.Diagnostics;
using Emulator.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Runs cases on the interpreter: in long mode, at privilege level 3, through its public face.</summary>
/// <remarks>
/// A case ends with the pad's store to a page where no memory is (an MMIO exit), or in the handler of an exception,
/// which halts and leaves the frame to read.
/// </remarks>
internal sealed class VcpuExecutor : IExecutor, IDisposable
{
    /// <summary>What a case may take, on however busy a machine.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly GuestMemory _memory = new();
    private readonly RamBlock _low = new("low", GuestTables.LowRamSize);
    private readonly RamBlock _data = new("data", DiffLayout.Slots * DiffLayout.DataStride);
    private readonly RamBlock _code = new("code", DiffLayout.CodeLength);
    private readonly Vcpu _vcpu;
    private readonly VcpuState _user = GuestTables.UserState();

    public VcpuExecutor(VcpuOptions? options = null)
    {
        _memory.AddRam("low", 0, _low, 0, _low.Size);
        _memory.AddRam("data", DiffLayout.Data, _data, 0, _data.Size);
        _memory.AddRam("code", DiffLayout.Code, _code, 0, _code.Size);
        _ = new GuestTables(_memory);
        for (int slot = 0; slot < DiffLayout.Slots; slot++)
        {
            Write(DiffLayout.DataSlot(slot), NativeExecutor.ReadOnlyPage(slot));
        }

        _vcpu = new Vcpu(0, _memory, NullLogger.Instance, options);
    }

    /// <summary>Guest instructions the interpreter has run.</summary>
    public long InstructionCount => _vcpu.InstructionCount;

    public void Run(ReadOnlySpan<DiffCase> cases, ReadOnlySpan<Outcome> outcomes)
    {
        foreach (DiffCase test in cases)
        {
            Write(test.CodeBase, test.Code);
            Write(test.DataBase, test.Memory);
        }

        using Timer watchdog = new(_ => _vcpu.Kick(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        for (int i = 0; i < cases.Length; i++)
        {
            RunOne(cases[i], outcomes[i]);
        }
    }

    public void Dispose()
    {
        _vcpu.Dispose();
        _memory.Dispose();
        _code.Dispose();
        _data.Dispose();
        _low.Dispose();
    }

    /// <summary>Writes to linear addresses, page by page.</summary>
    private void Write(ulong linear, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int length = Math.Min(bytes.Length, DiffLayout.PageSize - (int)(linear % DiffLayout.PageSize));
            _memory.Write(GuestTables.Physical(linear), bytes[..length]);
            bytes = bytes[length..];
            linear += (ulong)length;
        }
    }

    private void RunOne(DiffCase test, Outcome outcome)
    {
        outcome.Clear();
        VcpuState state = _user;
        for (int i = 0; i < 16; i++)
        {
            state.Gpr[i] = test.Gpr[i];
        }

        state.Rip = test.Entry;
        state.Rflags = test.Rflags;
        _vcpu.SetState(state);
        long start = Stopwatch.GetTimestamp();
        ExitReason reason = _vcpu.Run();
        while (reason == ExitReason.Intr && Stopwatch.GetElapsedTime(start) < s_patience)
        {
            reason = _vcpu.Run();
        }

        ref VcpuExit exit = ref _vcpu.Exit;
        state = _vcpu.GetState();
        for (int i = 0; i < 16; i++)
        {
            outcome.Gpr[i] = state.Gpr[i];
        }

        outcome.Rflags = state.Rflags;
        outcome.Ds = state.Segments[(int)SegmentName.Ds].Selector;
        outcome.Es = state.Segments[(int)SegmentName.Es].Selector;
        outcome.Ss = state.Segments[(int)SegmentName.Ss].Selector;
        if (reason == ExitReason.Mmio && exit is { Address: DiffLayout.Stop, IsWrite: true })
        {
            outcome.Stop = (uint)exit.Data;
        }
        else if (reason == ExitReason.Hlt && state.Rip - GuestTables.Handlers <= 256 * 16)
        {
            ReadFrame(state, outcome);
        }
        else
        {
            outcome.Trouble = reason switch
            {
                ExitReason.InternalError => $"internal error: {_vcpu.InternalErrorMessage}",
                ExitReason.Intr => $"did not end within {s_patience.TotalSeconds} s, RIP={state.Rip:X}",
                ExitReason.Mmio or ExitReason.Io => $"exit {reason} at {exit.Address:X}, RIP={state.Rip:X}",
                _ => $"exit {reason}, RIP={state.Rip:X}",
            };
        }

        for (int offset = 0; offset < DiffLayout.WritableSize; offset += DiffLayout.PageSize)
        {
            _memory.Read(GuestTables.Physical(test.DataBase + (ulong)offset), outcome.Memory.AsSpan(offset, DiffLayout.PageSize));
        }
    }

    /// <summary>Takes the program's registers from the handler's stack (SDM volume 3, figure 6-9).</summary>
    private void ReadFrame(in VcpuState state, Outcome outcome)
    {
        ulong at = state.Gpr[4];
        outcome.Vector = (int)((state.Rip - 1 - GuestTables.Handlers) / 16);
        if (GuestTables.KernelStackTop - at == 48)
        {
            outcome.ErrorCode = Word(at);
            at += 8;
        }

        outcome.FaultAddress = state.Cr2;
        outcome.Rip = Word(at);
        outcome.Rflags = Word(at + 16);
        outcome.Gpr[4] = Word(at + 24);
        outcome.Ss = (ushort)Word(at + 32);
    }

    private ulong Word(ulong address)
    {
        _memory.Read(address - GuestTables.Kernel, 8, out ulong value);
        return value;
    }
}
