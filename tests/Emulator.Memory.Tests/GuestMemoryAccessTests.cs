namespace Emulator.Memory.Tests;

public sealed unsafe class GuestMemoryAccessTests : IDisposable
{
    private readonly GuestMemory _memory = new();
    private readonly RamBlock _block = new("ram", 0x4000);
    private readonly MemoryRegion _ram;

    public GuestMemoryAccessTests() => _ram = _memory.AddRam("ram", 0, _block, 0, 0x4000);

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void What_is_written_to_RAM_is_read_back_at_every_size_and_alignment()
    {
        foreach (var size in new[] { 1, 2, 4, 8 })
        {
            for (ulong address = 0xFF0; address < 0x1010; address++)
            {
                var value = 0x8182838485868788 ^ (address * 0x0101010101010101);
                Assert.Equal(BusStatus.Ok, _memory.Write(address, size, value));
                Assert.Equal(BusStatus.Ok, _memory.Read(address, size, out var read));
                Assert.Equal(value & (ulong.MaxValue >> (64 - (8 * size))), read);
            }
        }
    }

    [Fact]
    public void Copies_of_every_length_and_alignment_touch_only_their_bytes()
    {
        for (var start = 0; start < 9; start++)
        {
            for (var length = 0; length < 140; length++)
            {
                new Span<byte>(_block.Host, 0x200).Fill(0xAA);
                var data = Enumerable.Range(1, length).Select(each => (byte)each).ToArray();
                Assert.Equal(BusStatus.Ok, _memory.Write((ulong)(0x20 + start), data));
                var back = new byte[length];
                Assert.Equal(BusStatus.Ok, _memory.Read((ulong)(0x20 + start), back));
                Assert.Equal(data, back);
                Assert.Equal(length, 0x200 - new ReadOnlySpan<byte>(_block.Host, 0x200).Count((byte)0xAA) + data.Count(each => each == 0xAA));
            }
        }
    }

    [Fact]
    public void Unassigned_addresses_read_all_ones_drop_writes_and_are_counted()
    {
        Assert.Equal(BusStatus.Unassigned, _memory.Read(0x9000, 4, out var value));
        Assert.Equal(0xFFFFFFFFUL, value);
        Assert.Equal(BusStatus.Unassigned, _memory.Write(0x9000, 4, 0));
        var data = new byte[3];
        Assert.Equal(BusStatus.Unassigned, _memory.Read(0x9001, data));
        Assert.Equal([0xFF, 0xFF, 0xFF], data);
        Assert.Equal((2L, 1L), (_memory.UnassignedReads, _memory.UnassignedWrites));
    }

    [Fact]
    public void An_access_past_the_top_of_the_address_space_does_not_wrap_to_RAM()
    {
        _memory.Write(0, 8, 0);
        Assert.Equal(BusStatus.Unassigned, _memory.Write(ulong.MaxValue - 1, 8, 0x1111111111111111));
        Assert.Equal(BusStatus.Unassigned, _memory.Read(ulong.MaxValue - 1, 8, out var value));
        Assert.Equal(ulong.MaxValue, value);
        _memory.Read(0, 8, out var low);
        Assert.Equal(0UL, low);
    }

    [Fact]
    public void An_access_from_RAM_into_registers_is_split_at_the_border()
    {
        var registers = new Registers(0x100);
        _memory.AddMmio("bar", 0x4000, 0x100, registers);
        Assert.Equal(BusStatus.Ok, _memory.Write(0x3FFE, 8, 0x8877665544332211));
        Assert.Equal(0x2211, *(ushort*)(_block.Host + 0x3FFE));
        Assert.Equal([0x33, 0x44, 0x55, 0x66, 0x77, 0x88], registers.Bytes[..6]);
        Assert.Equal([(true, 0UL, 4), (true, 4UL, 2)], registers.Log);
        Assert.Equal(BusStatus.Ok, _memory.Read(0x3FFE, 8, out var value));
        Assert.Equal(0x8877665544332211UL, value);
    }

    [Fact]
    public void An_access_from_RAM_into_nothing_serves_the_part_that_is_RAM()
    {
        _memory.Write(0x3FFC, 4, 0x44332211);
        Assert.Equal(BusStatus.Unassigned, _memory.Read(0x3FFC, 8, out var value));
        Assert.Equal(0xFFFFFFFF44332211UL, value);
        Assert.Equal(1, _memory.UnassignedReads);
    }

    [Fact]
    public void Misaligned_register_accesses_reach_the_target_as_aligned_words_in_ascending_order()
    {
        var registers = new Registers(0x100);
        _memory.AddMmio("bar", 0x8000, 0x100, registers);
        _memory.Write(0x8001, 8, 0);
        Assert.Equal([(true, 1UL, 1), (true, 2UL, 2), (true, 4UL, 4), (true, 8UL, 1)], registers.Log);
    }

    [Fact]
    public void Registers_never_see_an_access_wider_than_they_take()
    {
        var registers = new Registers(0x100);
        _memory.AddMmio("bar", 0x8000, 0x100, registers, widest: 4);
        _memory.Write(0x8000, 8, 0x8877665544332211);
        Assert.Equal([(true, 0UL, 4), (true, 4UL, 4)], registers.Log);
        _memory.Read(0x8000, 8, out var value);
        Assert.Equal(0x8877665544332211UL, value);
    }

    [Fact]
    public void A_size_that_a_target_refuses_is_halved_until_it_is_served()
    {
        var registers = new Registers(0x100) { WidestServed = 2 };
        _memory.AddMmio("bar", 0x8000, 0x100, registers);
        Assert.Equal(BusStatus.Ok, _memory.Write(0x8000, 8, 0x8877665544332211));
        Assert.Equal(BusStatus.Ok, _memory.Read(0x8000, 8, out var value));
        Assert.Equal(0x8877665544332211UL, value);
        var never = new Registers(0x100) { WidestServed = 0 };
        _memory.AddMmio("never", 0xA000, 0x100, never);
        Assert.Equal(BusStatus.InvalidSize, _memory.Read(0xA000, 4, out value));
        Assert.Equal(0xFFFFFFFFUL, value);
    }

    [Fact]
    public void A_target_that_returns_more_bits_than_asked_for_cannot_leak_them()
    {
        _memory.AddMmio("bar", 0x8000, 0x100, new Constant(ulong.MaxValue));
        _memory.Read(0x8000, 2, out var value);
        Assert.Equal(0xFFFFUL, value);
    }

    [Fact]
    public void A_write_to_ROM_is_dropped_and_says_so()
    {
        _memory.SetKind(_ram, RegionKind.Rom);
        Assert.Equal(BusStatus.ReadOnly, _memory.Write(0x10, 4, 0x12345678));
        Assert.Equal(BusStatus.Ok, _memory.Read(0x10, 4, out var value));
        Assert.Equal(0UL, value);
        _memory.SetKind(_ram, RegionKind.Ram);
        Assert.Equal(BusStatus.Ok, _memory.Write(0x10, 4, 0x12345678));
    }

    [Fact]
    public void A_ROM_with_a_target_for_writes_is_read_in_place_and_written_through_it()
    {
        var registers = new Registers(0x1000);
        _memory.AddRom("flash", 0x8000, _block, 0, 0x1000, 0, registers);
        *(uint*)(_block.Host + 0x20) = 0xCAFEF00D;
        _memory.Read(0x8020, 4, out var value);
        Assert.Equal(0xCAFEF00DUL, value);
        Assert.Equal(BusStatus.Ok, _memory.Write(0x8020, 4, 0x55));
        Assert.Equal(0x55, registers.Bytes[0x20]);
        Assert.Equal(0xCAFEF00DU, *(uint*)(_block.Host + 0x20));
    }

    [Fact]
    public void A_write_to_a_page_with_decoded_code_tells_every_observer_its_address()
    {
        var witness = new Witness();
        _memory.AddObserver(witness);
        _memory.Write(0x1000, 4, 1);
        Assert.Empty(witness.Pages);
        _block.CodeMap[1] = 1;
        _block.CodeMap[2] = 1;
        _memory.Write(0x0FFC, 4, 1);
        Assert.Empty(witness.Pages);
        _memory.Write(0x0FFE, 4, 1);
        Assert.Equal([0x1000UL], witness.Pages);
        _memory.Write(0x1FFF, new byte[0x1000]);
        Assert.Equal([0x1000UL, 0x1000UL, 0x2000UL], witness.Pages);
        _memory.RemoveObserver(witness);
        _memory.Write(0x1000, 4, 1);
        Assert.Equal(3, witness.Pages.Count);
    }

    [Fact]
    public void Code_is_reported_at_each_address_where_its_memory_is_seen()
    {
        _memory.AddRam("alias", 0x10000, _block, 0, 0x4000);
        var witness = new Witness();
        _memory.AddObserver(witness);
        _block.CodeMap[1] = 1;
        _memory.Write(0x11010, 4, 1);
        Assert.Equal([0x1000UL, 0x11000UL], witness.Pages.Order());
    }

    [Fact]
    public void A_write_to_RAM_that_shares_its_page_with_a_bar_is_seen_by_code_observers_too()
    {
        _memory.AddMmio("bar", 0x1100, 0x10, new Registers(0x10), priority: 1);
        var witness = new Witness();
        _memory.AddObserver(witness);
        _block.CodeMap[1] = 1;
        _memory.Write(0x1000, 4, 1);
        Assert.Equal([0x1000UL], witness.Pages);
    }

    [Fact]
    public void Whoever_reports_a_write_is_not_told_of_it()
    {
        var writer = new Witness();
        var other = new Witness();
        _memory.AddObserver(writer);
        _memory.AddObserver(other);
        _memory.NotifyCodeWritten(0x1234, writer);
        Assert.Empty(writer.Pages);
        Assert.Equal([0x1000UL], other.Pages);
    }

    [Fact]
    public void Peeking_runs_no_register_handler_and_counts_nothing()
    {
        var registers = new Registers(0x1000);
        _memory.AddMmio("bar", 0x4000, 0x1000, registers);
        _block.Host[0x3FFF] = 0x5A;
        var data = new byte[3];
        Assert.False(_memory.Peek(0x3FFF, data));
        Assert.Equal([0x5A, 0xFF, 0xFF], data);
        Assert.False(_memory.Peek(0x9000, data));
        Assert.True(_memory.Peek(0x3FF0, data));
        Assert.Empty(registers.Log);
        Assert.Equal(0, _memory.UnassignedReads);
    }
}
