using Emulator.Host.Tracing;
using static Emulator.Host.Tests.Tracing.SampleTraces;

namespace Emulator.Host.Tests.Tracing;

public sealed class TracePictureTests
{
    [Fact]
    public void A_store_becomes_visible_before_the_load_that_saw_it_and_behind_a_processors_that_did_not()
    {
        var (data, flag) = (Picture.Stores[0]!.Value, Picture.Stores[1]!.Value);
        Assert.InRange(flag.Last, 1.001, 1.999);
        Assert.InRange(data.Last, 3.001, 3.999);
        Assert.NotEqual(flag.Row, data.Row);
    }

    [Fact]
    public void A_devices_load_may_be_old_under_weak_and_then_says_nothing_of_the_moment()
    {
        TraceEvent[] events =
        [
            Store(1, "cpu0", 1),
            Event(2, "nic", TraceKind.Read) with { Address = 0x1000, Length = 4, Value = 0, Visible = new TraceSpan(0, 0) },
        ];
        Assert.InRange(Draw(events).Stores[0]!.Value.Last, 0.001, 0.999);
        var strong = new TracePicture(new Trace(Header with { Model = "tso" }, events), []);
        Assert.InRange(strong.Stores[0]!.Value.Last, 1.001, 1.999);
    }

    [Fact]
    public void Moments_keep_their_order_and_come_behind_the_store()
    {
        // Issued in one order, visible in the reverse.
        var stores = Draw([.. Enumerable.Range(1, 9).Select(i => Store(i, "nic", 10 - i))]).Stores;
        for (var i = 0; i < stores.Length; i++)
        {
            Assert.True(stores[i]!.Value.Last > i);
            Assert.True(i == 0 || stores[i]!.Value.Last < stores[i - 1]!.Value.Last);
        }

        Assert.Equal(9, stores.Select(s => s!.Value.Row).Distinct().Count());
    }

    [Fact]
    public void A_row_of_a_buffer_is_used_again_when_its_store_is_visible() =>
        Assert.All(Draw([.. Enumerable.Range(1, 9).Select(i => Store(i, "nic", i))]).Stores, store => Assert.Equal(0, store!.Value.Row));

    [Fact]
    public void A_store_in_parts_becomes_visible_from_the_first_to_the_last_of_them()
    {
        var store = Draw([Store(1, "nic", 1) with { Visible = new TraceSpan(1, 3) }, Store(2, "nic", 2)]).Stores[0]!.Value;
        Assert.True(store.First < store.Last);
    }

    [Fact]
    public void Where_memory_is_not_simulated_nothing_waits() =>
        Assert.All(Draw([Event(1, "nic", TraceKind.Write) with { Length = 4 }]).Stores, store => Assert.Null(store));

    [Fact]
    public void A_load_has_an_arrow_from_each_store_it_saw_that_is_in_the_trace()
    {
        var arrows = Draw([Store(1, "nic", 1), Store(3, "nic", 2), Event(4, "cpu0", TraceKind.Read) with { From = [1, 2, 3, 3] }]).Arrows;
        Assert.Equal([new TraceArrow(0, 2, false), new TraceArrow(1, 2, false)], arrows);
    }

    [Fact]
    public void An_interrupt_has_an_arrow_from_every_message_that_it_stands_for()
    {
        TraceEvent[] events =
        [
            Message(1, 0xFEE00000, 0x41),
            Message(2, 0xFEE00000, 0x41),
            Message(3, 0xFEE00000, 0x51),
            Message(4, 0xFEE01000, 0x41),
            Message(5, 0xFEE0F004, 0x41),
            Event(6, "cpu0", TraceKind.Interrupt) with { Value = 0x41 },
            Event(7, "cpu0", TraceKind.Interrupt) with { Value = 0x41 },
            Event(8, "cpu1", TraceKind.Interrupt) with { Value = 0x41 },
        ];
        var header = Header with { Lanes = Header.Lanes.Insert(1, new TraceLane("cpu1", IsProcessor: true)) };
        var arrows = new TracePicture(new Trace(header, events), []).Arrows;
        Assert.Equal([(0, 5), (1, 5), (4, 5), (3, 7)], arrows.Select(a => (a.From, a.To)));
        Assert.All(arrows, arrow => Assert.True(arrow.IsInterrupt));
    }

    [Fact]
    public void What_is_left_out_takes_its_violations_with_it()
    {
        var trace = new Trace(Header, MessagePassing);
        var ends = new TracePicture(trace, Violations, first: 1, last: 2);
        Assert.Equal([1L, 8, 9], ends.Events.Select(e => e.Sequence));
        Assert.Equal((1, 6, 0, 1), (ends.Gap, ends.LeftOut, ends.Violations.Length, ends.AllViolations));
        var start = new TracePicture(trace, Violations, first: 2);
        Assert.Equal((2, 7, 1, 1), (start.Gap, start.LeftOut, start.Violations.Length, start.AllViolations));
    }

    [Fact]
    public void A_store_that_waits_at_the_end_waits_to_the_end()
    {
        var picture = Draw([Event(1, "nic", TraceKind.Write) with { Length = 4, Status = TraceEvent.Waiting }, Store(2, "nic", 1)]);
        Assert.Equal(new BufferedStore(2, 2, 0), picture.Stores[0]);
        Assert.Equal(1, picture.Stores[1]!.Value.Row);
    }

    [Fact]
    public void A_read_of_a_register_returns_before_what_became_visible_later()
    {
        var read = Event(2, "cpu0", TraceKind.RegisterRead) with { Function = "nic", Length = 4 };
        Assert.InRange(Draw([Store(1, "nic", 5), read with { Visible = new TraceSpan(4, 4) }]).Stores[0]!.Value.Last, 1.001, 1.999);
        Assert.InRange(Draw([Store(1, "nic", 5), read with { Visible = new TraceSpan(5, 5) }]).Stores[0]!.Value.Last, 0.001, 0.999);
    }

    [Fact]
    public void Whoever_the_header_does_not_name_has_a_lane_too()
    {
        var picture = Draw([Event(1, "stranger", TraceKind.Raise), Event(2, "nic", TraceKind.Raise), Event(3, "", TraceKind.Lost)]);
        Assert.Equal(["cpu0", "nic", "stranger", "trace"], picture.Lanes.Select(l => l.Name));
        Assert.Equal([2, 1, 3], picture.LaneOf);
    }

    private static TraceEvent Store(long sequence, string lane, long moment) =>
        Event(sequence, lane, TraceKind.Write) with { Address = 0x1000, Length = 4, Value = 1, Visible = new TraceSpan(moment, moment) };

    private static TraceEvent Message(long sequence, ulong address, ulong data) =>
        Event(sequence, "nic", TraceKind.Message) with { Address = address, Length = 4, Value = data };
}
