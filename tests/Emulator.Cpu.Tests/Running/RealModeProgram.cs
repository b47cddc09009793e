using Emulator.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Cpu.Tests.Running;

/// <summary>A vCPU in real mode with a program, seen from outside: through its exits.</summary>
internal sealed class RealModeProgram : IDisposable
{
    /// <summary>Where the program begins.</summary>
    public const ushort Start = 0x1000;

    /// <summary>Where a vector's handler begins.</summary>
    public const ushort Handlers = 0x2000;

    /// <summary>Where nothing is.</summary>
    public const uint Nowhere = 0x10_0000;

    private const int MemorySize = 0x10000;

    private readonly RamBlock _ram = new("ram", MemorySize);
    private readonly GuestMemory _memory = new();

    /// <summary>Makes the machine; IF is set, SP is 0x8000, all segments are at 0.</summary>
    public RealModeProgram(params ReadOnlySpan<byte> code)
    {
        _memory.AddRam("ram", 0, _ram, 0, MemorySize);
        _ram.Load(Start, code);
        Vcpu = new Vcpu(0, _memory, NullLogger.Instance);
        var state = Vcpu.GetState();
        for (var i = 0; i < 6; i++)
        {
            state.Segments[i] = new Segment { Limit = 0xFFFF, Attributes = 0x93 };
        }

        state.Segments[(int)SegmentName.Cs].Attributes = 0x9B;
        state.Rip = Start;
        state.Gpr[4] = 0x8000;
        state.Rflags = Rflags.Fixed | Rflags.Interrupt;
        Vcpu.SetState(state);
    }

    public Vcpu Vcpu { get; }

    public ulong Rip => Vcpu.GetState().Rip;

    public ulong Ax => Vcpu.GetState().Gpr[0];

    /// <summary>Gives a vector a handler that halts.</summary>
    public void Handle(byte vector)
    {
        _ram.Load(vector * 4UL, [(byte)((Handlers + vector) & 0xFF), (Handlers + 0) >> 8, 0, 0]);
        _ram.Load((ulong)Handlers + vector, [0xF4]);
    }

    /// <summary>Writes a byte of memory, as a device or another vCPU would.</summary>
    public void Write(ulong address, byte value) => _ = _memory.Write(address, 1, value);

    /// <summary>Runs to an exit that must be this one, a read, and answers it.</summary>
    public void Answer(ExitReason reason, ulong address, ulong data)
    {
        Expect(reason, address, isWrite: false);
        Vcpu.Exit.Data = data;
    }

    /// <summary>Runs to an exit that must be this one.</summary>
    public void Expect(ExitReason reason, ulong address, bool isWrite)
    {
        Assert.Equal(reason, Vcpu.Run());
        Assert.Equal((address, isWrite), (Vcpu.Exit.Address, Vcpu.Exit.IsWrite));
    }

    public void Dispose()
    {
        Vcpu.Dispose();
        _memory.Dispose();
        _ram.Dispose();
    }
}
