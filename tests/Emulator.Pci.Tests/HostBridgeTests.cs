using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed unsafe class HostBridgeTests
{
    [Fact]
    public void RAM_leaves_out_the_frame_buffer_and_the_PCI_hole()
    {
        using var board = new TestBoard();
        Assert.Equal(BusStatus.Ok, board.Memory.Write(0x9FFFC, 4, 1));
        Assert.Equal(BusStatus.Unassigned, board.Memory.Write(0xA0000, 4, 1));
        Assert.Equal(BusStatus.Unassigned, board.Memory.Write(0xC0000, 4, 1));
        Assert.Equal(BusStatus.Ok, board.Memory.Write(0x100000, 4, 1));
        Assert.Equal(BusStatus.Ok, board.Memory.Write((8 << 20) - 4, 4, 1));
        Assert.Equal(BusStatus.Unassigned, board.Memory.Write(8 << 20, 4, 1));
    }

    [Theory]
    [InlineData(0xDFFFF000UL, 0xDFFFF000UL, 0UL)]
    [InlineData(0xE0000000UL, 0xC0000000UL, 0x20000000UL)]
    [InlineData(0x100000000UL, 0xC0000000UL, 0x40000000UL)]
    [InlineData(RamBlock.MaximumSize, 0xC0000000UL, RamBlock.MaximumSize - 0xC0000000)]
    public void RAM_that_the_hole_displaces_continues_at_4_GiB(ulong size, ulong low, ulong high)
    {
        using var board = new TestBoard(ramSize: size);
        Assert.Equal((low, high), (board.HostBridge.LowMemorySize, board.HostBridge.HighMemorySize));
        Assert.Equal(BusStatus.Unassigned, board.Memory.Read(low, 4, out _));
        if (high != 0)
        {
            board.Memory.Write((1UL << 32) + high - 4, 4, 0x1234);
            Assert.Equal(0x1234U, *(uint*)(board.Ram.Host + size - 4));
        }
    }

    [Fact]
    public void Each_segment_of_shadow_RAM_follows_its_own_four_bits()
    {
        var firmware = new RamBlock("bios", 0x20000);
        new Span<byte>(firmware.Host, 0x20000).Fill(0xB1);
        using var board = new TestBoard(firmware);
        for (var segment = 0; segment < 13; segment++)
        {
            var address = segment == 12 ? 0xF0000UL : 0xC0000 + ((ulong)segment * 0x4000);
            var pci = address >= 0xE0000 ? 0xB1B1B1B1U : 0xFFFFFFFFU;
            var ram = (uint*)(board.Ram.Host + address);

            Set(board, segment, 0);
            board.Memory.Write(address, 4, 1);
            Assert.Equal((pci, 0U), (board.Load(address), *ram));

            Set(board, segment, 2);
            board.Memory.Write(address, 4, 0x22222222);
            Assert.Equal((pci, 0x22222222U), (board.Load(address), *ram));

            Set(board, segment, 1);
            board.Memory.Write(address, 4, 3);
            Assert.Equal((0x22222222U, 0x22222222U), (board.Load(address), *ram));

            Set(board, segment, 3);
            board.Memory.Write(address, 4, 0x44444444);
            Assert.Equal((0x44444444U, 0x44444444U), (board.Load(address), *ram));
            Assert.Equal(RegionKind.Ram, board.Memory.Map.Find(address).Kind);

            var last = address + (segment == 12 ? 0x10000UL : 0x4000) - 1;
            Assert.Equal(RegionKind.Ram, board.Memory.Map.Find(last).Kind);
            Set(board, segment, 0);
        }
    }

    [Fact]
    public void Firmware_that_copies_itself_over_its_own_address_ends_up_in_RAM()
    {
        var firmware = new RamBlock("bios", 0x40000);
        for (var i = 0; i < 0x40000; i += 4)
        {
            *(int*)(firmware.Host + i) = i;
        }

        using var board = new TestBoard(firmware);
        Assert.Equal(0U, board.Load(0xFFFC0000));
        Assert.Equal(0x30000U, board.Load(0xF0000));
        Assert.Equal(0x3FFF0U, board.Load(0xFFFFFFF0));
        board.SetConfig(0, 0x59, 1, 0x20);
        for (var address = 0xF0000UL; address < 0x100000; address += 4)
        {
            board.Memory.Write(address, 4, board.Load(address));
        }

        board.SetConfig(0, 0x59, 1, 0x10);
        new Span<byte>(firmware.Host, 0x40000).Clear();
        Assert.Equal(0x3FFF0U, board.Load(0xFFFF0));
        Assert.Equal(RegionKind.Rom, board.Memory.Map.Find(0xF0000).Kind);
    }

    [Fact]
    public void All_the_attribute_registers_can_be_written_at_any_size()
    {
        using var board = new TestBoard();
        board.SetConfig(0, 0x58, 4, 0x33333000);
        board.SetConfig(0, 0x5C, 4, 0x33333333);
        Assert.Equal(0x33333000U, board.Config(0, 0x58));
        foreach (var address in new ulong[] { 0xC0000, 0xDFFFC, 0xEC000, 0xFFFFC })
        {
            Assert.Equal(BusStatus.Ok, board.Memory.Write(address, 4, 5));
            Assert.Equal(5U, board.Load(address));
        }

        board.SetConfig(0, 0x59, 1, 0xFF);
        Assert.Equal(0x70U, board.Config(0, 0x59, 1));
        board.Bus.Reset();
        Assert.Equal(0xFFFFFFFF, board.Load(0xC0000));
    }

    [Fact]
    public void SMRAM_opens_until_it_is_locked()
    {
        using var board = new TestBoard();
        Assert.Equal(2U, board.Config(0, 0x72, 1));
        board.SetConfig(0, 0x72, 1, 0x48);
        Assert.Equal(0x4AU, board.Config(0, 0x72, 1));
        Assert.Equal(BusStatus.Ok, board.Memory.Write(0xA0000, 4, 0x55));
        board.SetConfig(0, 0x72, 1, 0x58);
        Assert.Equal(0x1AU, board.Config(0, 0x72, 1));
        board.SetConfig(0, 0x72, 1, 0x48);
        Assert.Equal(0x1AU, board.Config(0, 0x72, 1));
        Assert.Equal(0xFFFFFFFF, board.Load(0xA0000));
        board.Bus.Reset();
        board.SetConfig(0, 0x72, 1, 0x48);
        Assert.Equal(0x55U, board.Load(0xA0000));
    }

    [Fact]
    public void A_board_without_its_first_megabyte_is_refused()
    {
        using var memory = new GuestMemory();
        using var ram = new RamBlock("ram", 0xFF000);
        var bus = new PciBus(memory, new PortSpace());
        Assert.Throws<ArgumentException>(() => new I440FxHostBridge(bus, ram));
    }

    private static void Set(TestBoard board, int segment, uint attributes)
    {
        var register = segment == 12 ? 0x59 : 0x5A + (segment / 2);
        var high = segment == 12 || segment % 2 == 1;
        board.SetConfig(0, register, 1, high ? attributes << 4 : attributes);
    }
}
