using Emulator.Memory;
using Iced.Intel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Cpu.Tests.Interpreter;

/// <summary>Some vCPUs over one MiB of memory, started in flat 32-bit protected mode on assembled code, without paging.</summary>
internal sealed class CodeMachine : IDisposable
{
    public const uint Stack = 0x8000;

    public CodeMachine(int processors = 1, ILogger? logger = null)
    {
        Ram = new RamBlock("ram", 1 << 20);
        Memory = new GuestMemory();
        Memory.AddRam("ram", 0, Ram, 0, 1 << 20);
        Vcpus = [.. Enumerable.Range(0, processors).Select(index => new Vcpu(index, Memory, logger ?? NullLogger.Instance))];
    }

    public RamBlock Ram { get; }

    public GuestMemory Memory { get; }

    public Vcpu[] Vcpus { get; }

    public Vcpu Vcpu => Vcpus[0];

    /// <summary>Assembles code at an address and points a vCPU at it.</summary>
    public void Start(uint address, Action<Assembler> write, int processor = 0)
    {
        Assemble(address, write);
        var state = Vcpus[processor].GetState();
        state.Rip = address;
        state.Cr0 = 0x11;
        state.Rflags = 2;
        state.Gpr[4] = Stack - (uint)processor * 0x1000;
        for (var i = 0; i < 6; i++)
        {
            state.Segments[i] = new Segment { Limit = uint.MaxValue, Selector = 16, Attributes = 0xC093 };
        }

        state.Segments[(int)SegmentName.Cs] = new Segment { Limit = uint.MaxValue, Selector = 8, Attributes = 0xC09B };
        Vcpus[processor].SetState(state);
    }

    /// <summary>Assembles code at an address.</summary>
    public int Assemble(uint address, Action<Assembler> write)
    {
        var assembler = new Assembler(32);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        Memory.Write(address, stream.ToArray());
        return (int)stream.Length;
    }

    public void Dispose()
    {
        foreach (var vcpu in Vcpus)
        {
            vcpu.Dispose();
        }

        Memory.Dispose();
    }
}
