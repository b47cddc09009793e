using Emulator.Cpu;
using Emulator.Host.Vcpus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Vcpus;

public sealed class ExitDispatcherTests : IDisposable
{
    private readonly PortSpace _ports = new();
    private readonly GuestMemory _memory = new();
    private readonly Target _target = new();

    public ExitDispatcherTests()
    {
        _ports.Add("target", 0x100, 8, _target, widest: 4);
        _memory.AddMmio("target", 0x1000, 0x1000, _target);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_port_write_reaches_the_device()
    {
        var exit = new VcpuExit { IsWrite = true, Size = 2, Address = 0x102, Data = 0xBEEF };
        Assert.Equal(ExitOutcome.Continue, ExitDispatcher.Dispatch(ExitReason.Io, ref exit, _ports, _memory));
        Assert.Equal((2UL, 2, 0xBEEFUL), _target.LastWrite);
    }

    [Fact]
    public void A_port_read_puts_the_value_into_the_exit()
    {
        var exit = new VcpuExit { Size = 4, Address = 0x104 };
        _target.Value = 0x12345678;
        ExitDispatcher.Dispatch(ExitReason.Io, ref exit, _ports, _memory);
        Assert.Equal(0x12345678UL, exit.Data);
    }

    [Theory]
    [InlineData(1, 0xFFUL)]
    [InlineData(2, 0xFFFFUL)]
    [InlineData(4, 0xFFFFFFFFUL)]
    public void A_port_that_is_not_there_reads_as_all_ones(int size, ulong ones)
    {
        var exit = new VcpuExit { Size = size, Address = 0x300, Data = 5 };
        ExitDispatcher.Dispatch(ExitReason.Io, ref exit, _ports, _memory);
        Assert.Equal(ones, exit.Data);
    }

    [Fact]
    public void A_register_in_memory_is_read_and_written()
    {
        var exit = new VcpuExit { IsWrite = true, Size = 8, Address = 0x1008, Data = ulong.MaxValue - 1 };
        ExitDispatcher.Dispatch(ExitReason.Mmio, ref exit, _ports, _memory);
        Assert.Equal((8UL, 8, ulong.MaxValue - 1), _target.LastWrite);

        _target.Value = 42;
        exit = new VcpuExit { Size = 8, Address = 0x1010 };
        ExitDispatcher.Dispatch(ExitReason.Mmio, ref exit, _ports, _memory);
        Assert.Equal(42UL, exit.Data);
    }

    [Fact]
    public void An_address_that_is_not_there_reads_as_all_ones()
    {
        var exit = new VcpuExit { Size = 4, Address = 0x9000_0000 };
        ExitDispatcher.Dispatch(ExitReason.Mmio, ref exit, _ports, _memory);
        Assert.Equal(0xFFFFFFFFUL, exit.Data);
    }

    [Theory]
    [InlineData(ExitReason.Hlt, (int)ExitOutcome.Halt)]
    [InlineData(ExitReason.Intr, (int)ExitOutcome.Continue)]
    [InlineData(ExitReason.IrqWindowOpen, (int)ExitOutcome.Continue)]
    [InlineData(ExitReason.Shutdown, (int)ExitOutcome.TripleFault)]
    [InlineData(ExitReason.InternalError, (int)ExitOutcome.InternalError)]
    [InlineData((ExitReason)99, (int)ExitOutcome.InternalError)]
    public void Other_exits_tell_the_thread_what_to_do(ExitReason reason, int outcome)
    {
        var exit = default(VcpuExit);
        Assert.Equal((ExitOutcome)outcome, ExitDispatcher.Dispatch(reason, ref exit, _ports, _memory));
    }

    private sealed class Target : IBusTarget
    {
        public ulong Value { get; set; }

        public (ulong Offset, int Size, ulong Value) LastWrite { get; private set; }

        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = Value;
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value)
        {
            LastWrite = (offset, size, value);
            return BusStatus.Ok;
        }
    }
}
