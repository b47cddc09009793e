using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed class BusMasterTests
{
    private const int Slot = 3;

    [Fact]
    public void DMA_follows_the_bus_master_bit_of_the_command_register()
    {
        using var board = new TestBoard();
        var function = board.Add(new TestFunction(), Slot);
        Assert.Equal(DmaStatus.NotBusMaster, function.Dma.Store(0x1000, 1u));
        SetCommand(board, PciCommand.BusMaster);
        Assert.Equal(DmaStatus.Ok, function.Dma.Store(0x1000, 2u));
        Assert.Equal(2u, board.Load(0x1000));
        SetCommand(board, PciCommand.MemorySpace);
        Assert.Equal(DmaStatus.NotBusMaster, function.Dma.Store(0x1000, 3u));
        Assert.Equal(2u, board.Load(0x1000));
        Assert.Equal(2, function.RefusedDma(DmaStatus.NotBusMaster));
    }

    [Fact]
    public void A_reset_of_the_bus_ends_bus_mastering()
    {
        using var board = new TestBoard();
        var function = board.Add(new TestFunction(), Slot);
        SetCommand(board, PciCommand.BusMaster);
        Assert.True(function.Dma.IsBusMaster);
        board.Bus.Reset();
        Assert.False(function.Dma.IsBusMaster);
        Assert.Equal(DmaStatus.NotBusMaster, function.Dma.Store(0x1000, 1u));
    }

    [Fact]
    public void A_function_that_rings_its_own_doorbell_by_DMA_is_refused()
    {
        using var board = new TestBoard();
        var doorbell = new Constant(0);
        var function = board.Add(new TestFunction().WithMemory(0, 0x1000, doorbell), Slot);
        board.SetConfig(TestBoard.DevFn(Slot), PciRegister.BaseAddress0, 4, 0xFEB00000);
        SetCommand(board, PciCommand.MemorySpace | PciCommand.BusMaster);
        Assert.Equal(DmaStatus.Registers, function.Dma.Publish(0xFEB00010, 7u));
        Assert.Equal(0ul, doorbell.LastWrite);
        Assert.Equal(1, function.RefusedDma(DmaStatus.Registers));
    }

    [Fact]
    public void A_window_that_is_memory_is_reached_like_RAM()
    {
        using var board = new TestBoard();
        var function = board.Add(new TestFunction().WithRam(0, new RamBlock("script", 0x1000)), Slot);
        board.SetConfig(TestBoard.DevFn(Slot), PciRegister.BaseAddress0, 4, 0xFEB00000);
        SetCommand(board, PciCommand.MemorySpace | PciCommand.BusMaster);
        Assert.Equal(DmaStatus.Ok, function.Dma.Store(0xFEB00010, 7u));
        Assert.Equal(7u, board.Load(0xFEB00010));
    }

    [Fact]
    public void The_ordering_is_the_buss_unless_the_function_has_its_own()
    {
        using var board = new TestBoard();
        var own = board.Add(new TestFunction() { DmaOrderingOverride = DmaOrdering.Split }, Slot);
        var other = board.Add(new TestFunction(), Slot + 1);
        Assert.Equal(DmaOrdering.Split, own.Dma.Ordering);
        Assert.Equal(DmaOrdering.Full, other.Dma.Ordering);
        board.Bus.DmaOrdering = DmaOrdering.Pci;
        var later = board.Add(new TestFunction(), Slot + 2);
        Assert.Equal(DmaOrdering.Split, own.Dma.Ordering);
        Assert.Equal(DmaOrdering.Pci, other.Dma.Ordering);
        Assert.Equal(DmaOrdering.Pci, later.Dma.Ordering);
        own.DmaOrderingOverride = null;
        Assert.Equal(DmaOrdering.Pci, own.Dma.Ordering);
        later.DmaOrderingOverride = DmaOrdering.Relaxed;
        Assert.Equal(DmaOrdering.Relaxed, later.Dma.Ordering);
    }

    [Fact]
    public void The_bus_may_put_a_translator_before_one_function()
    {
        using var board = new TestBoard();
        var function = board.Add(new TestFunction(), Slot);
        var other = new TestFunction();
        SetCommand(board, PciCommand.BusMaster);
        board.Bus.Translate(function, new Wall());
        Assert.Equal(DmaStatus.IommuFault, function.Dma.Store(0x1000, 1u));
        Assert.Equal(1, function.RefusedDma(DmaStatus.IommuFault));
        board.Bus.Translate(function, null);
        Assert.Equal(DmaStatus.Ok, function.Dma.Store(0x1000, 1u));
        Assert.Throws<ArgumentException>(() => board.Bus.Translate(other, null));
    }

    [Fact]
    public void A_function_on_no_bus_has_no_DMA() =>
        Assert.Throws<InvalidOperationException>(() => new TestFunction().Dma);

    private sealed class Wall : IDmaTranslator
    {
        public DmaStatus Translate(ulong address, DmaDirection direction, out ulong physical)
        {
            physical = 0;
            return DmaStatus.IommuFault;
        }
    }

    private static void SetCommand(TestBoard board, PciCommand command) =>
        board.SetConfig(TestBoard.DevFn(Slot), PciRegister.Command, 2, (uint)command);
}
