using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed class PostedWriteTests
{
    private const int Slot = 3;
    private const int Rounds = 500_000;

    [Fact]
    public void Every_window_of_registers_completes_its_reads_behind_the_functions_DMA()
    {
        using var board = new TestBoard();
        board.Add(
            new TestFunction()
                .WithMemory(0, 0x1000, new Constant(1))
                .WithIo(1, 64, new Constant(2))
                .WithMemory(2, 0x1000, new Constant(3), is64Bit: true)
                .WithMsix(4, 1, out _),
            Slot);
        FirmwareSetup.Run(board.HostBridge);
        var function = board.Bus[TestBoard.DevFn(Slot)]!;
        var flushes = new Flushes();
        function.ObserveDma(flushes);
        foreach (var bar in function.Bars)
        {
            var before = flushes.Count;
            if (bar.Kind == PciBarKind.Io)
            {
                board.Ports.Write((ushort)bar.Address!.Value, 4, 1);
                Assert.Equal(before, flushes.Count);
                board.Ports.Read((ushort)bar.Address!.Value, 4, out _);
            }
            else
            {
                board.Memory.Write(bar.Address!.Value, 4, 1);
                Assert.Equal(before, flushes.Count);
                board.Load(bar.Address!.Value);
            }

            Assert.Equal(before + 1, flushes.Count);
        }

        board.Config(TestBoard.DevFn(Slot), 0);
        Assert.Equal(5, flushes.Count);
    }

    [Fact]
    public void A_processor_that_has_read_the_cause_sees_the_data()
    {
        using var board = new TestBoard();
        var cause = new Cause();
        var function = board.Add(new TestFunction().WithMemory(0, 0x1000, cause), Slot);
        board.Bus.DmaOrdering = DmaOrdering.Relaxed;
        board.SetConfig(TestBoard.DevFn(Slot), PciRegister.BaseAddress0, 4, 0xE0000000);
        board.SetConfig(TestBoard.DevFn(Slot), PciRegister.Command, 2, (uint)(PciCommand.BusMaster | PciCommand.MemorySpace));
        var device = new Thread(() =>
        {
            for (uint i = 1; i <= Rounds; i++)
            {
                function.Dma.Store(0x2000, i);
                cause.Value = i;
            }
        });
        device.Start();
        var deadline = DateTime.UtcNow.AddSeconds(60);
        uint seen = 0;
        var late = 0;
        while (seen < Rounds && DateTime.UtcNow < deadline)
        {
            seen = board.Load(0xE0000000);
            late += board.Load(0x2000) < seen ? 1 : 0;
        }

        device.Join();
        Assert.Equal(((uint)Rounds, 0), (seen, late));
    }

    private sealed class Flushes : IDmaObserver
    {
        public int Count { get; private set; }

        public void Fence(DmaFence fence)
        {
        }

        public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status)
        {
        }

        public void Flushed() => Count++;
    }

    private sealed class Cause : IBusTarget
    {
        private uint _value;

        public uint Value
        {
            set => Volatile.Write(ref _value, value);
        }

        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = Volatile.Read(ref _value);
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
    }
}
