namespace Emulator.Memory.Tests;

public sealed class PortSpaceTests
{
    private readonly PortSpace _ports = new();

    [Fact]
    public void Reading_an_unassigned_port_returns_all_ones_and_is_counted()
    {
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0x80, 1, out var one));
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0x80, 2, out var two));
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0x80, 4, out var four));
        Assert.Equal((0xFFUL, 0xFFFFUL, 0xFFFFFFFFUL), (one, two, four));
        Assert.Equal(BusStatus.Unassigned, _ports.Write(0x80, 1, 0));
        Assert.Equal((3L, 1L), (_ports.UnassignedReads, _ports.UnassignedWrites));
    }

    [Fact]
    public void Wider_accesses_reach_a_byte_device_as_bytes_in_ascending_order()
    {
        var registers = new Registers(8);
        _ports.Add("uart", 0x3F8, 8, registers);
        Assert.Equal(BusStatus.Ok, _ports.Write(0x3F8, 4, 0x44332211));
        Assert.Equal([(true, 0UL, 1), (true, 1UL, 1), (true, 2UL, 1), (true, 3UL, 1)], registers.Log);
        Assert.Equal(BusStatus.Ok, _ports.Read(0x3F9, 2, out var value));
        Assert.Equal(0x3322UL, value);
    }

    [Fact]
    public void A_wide_device_gets_the_access_whole_even_if_misaligned()
    {
        var registers = new Registers(8);
        _ports.Add("bar", 0xC000, 8, registers, widest: 4);
        _ports.Write(0xC001, 4, 0x44332211);
        Assert.Equal([(true, 1UL, 4)], registers.Log);
    }

    [Fact]
    public void An_access_that_runs_past_a_region_is_served_in_part()
    {
        var left = new Registers(2);
        var right = new Registers(1);
        _ports.Add("left", 0x60, 2, left, widest: 4);
        _ports.Add("right", 0x63, 1, right);
        Assert.Equal(BusStatus.Unassigned, _ports.Write(0x60, 4, 0x44332211));
        Assert.Equal([0x11, 0x22], left.Bytes);
        Assert.Equal([0x44], right.Bytes);
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0x60, 4, out var value));
        Assert.Equal(0x44FF2211UL, value);
        Assert.Equal((1L, 1L), (_ports.UnassignedReads, _ports.UnassignedWrites));
    }

    [Fact]
    public void An_access_belongs_to_whoever_owns_its_first_port()
    {
        var bridge = new Registers(8);
        var reset = new Registers(1);
        _ports.Add("config", 0xCF8, 8, bridge, widest: 4);
        _ports.Add("reset", 0xCF9, 1, reset, priority: 1);
        _ports.Write(0xCF8, 4, 0x80000000);
        Assert.Equal([(true, 0UL, 4)], bridge.Log);
        Assert.Empty(reset.Log);
        _ports.Write(0xCF9, 1, 6);
        Assert.Equal([(true, 0UL, 1)], reset.Log);
        Assert.Single(bridge.Log);
    }

    [Fact]
    public void Ports_past_the_last_one_do_not_wrap_to_the_first()
    {
        var first = new Registers(4);
        var last = new Registers(1);
        _ports.Add("first", 0, 4, first);
        _ports.Add("last", 0xFFFF, 1, last);
        Assert.Equal(BusStatus.Unassigned, _ports.Write(0xFFFF, 4, 0x44332211));
        Assert.Equal([0x11], last.Bytes);
        Assert.Empty(first.Log);
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0xFFFF, 4, out var value));
        Assert.Equal(0xFFFFFF11UL, value);
    }

    [Fact]
    public void A_region_moves_is_switched_off_and_on_and_goes_away()
    {
        var region = _ports.Add("bar", 0xC000, 4, new Constant(0x5A));
        _ports.Move(region, 0xC100);
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0xC000, 1, out _));
        Assert.Equal(BusStatus.Ok, _ports.Read(0xC100, 1, out _));
        _ports.SetEnabled(region, false);
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0xC100, 1, out _));
        _ports.SetEnabled(region, true);
        Assert.Equal(BusStatus.Ok, _ports.Read(0xC100, 1, out _));
        _ports.Remove(region);
        Assert.Equal(BusStatus.Unassigned, _ports.Read(0xC100, 1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ports.Add("x", 0xFFFF, 2, new Constant(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ports.Move(region, 0xFFFD));
    }

    [Fact]
    public void Any_set_of_regions_answers_as_a_port_by_port_model_says()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var ports = new PortSpace();
            var regions = new List<PortRegion>();
            for (var i = 0; i < 12; i++)
            {
                var region = ports.Add("r", (ushort)random.Next(0x100), random.Next(1, 0x40), new Constant((ulong)i), 1, random.Next(3));
                regions.Add(region);
                if (random.Next(3) == 0)
                {
                    ports.SetEnabled(region, false);
                }
            }

            for (var port = 0; port < 0x200; port++)
            {
                var owner = -1;
                for (var i = 0; i < regions.Count; i++)
                {
                    if (regions[i].Enabled && port >= regions[i].First && port < regions[i].First + regions[i].Count
                        && (owner < 0 || regions[i].Priority >= regions[owner].Priority))
                    {
                        owner = i;
                    }
                }

                ports.Read((ushort)port, 1, out var value);
                Assert.True((byte)owner == value, $"seed {seed}, port {port:X}: {value} and not {owner}");
            }
        }
    }
}
