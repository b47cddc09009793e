using Emulator.Host.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Tests.Tracing;

public sealed class TraceCheckerTests
{
    private static readonly TraceHeader s_header = new()
    {
        Model = "weak",
        Schedule = TraceNames.Free,
        Lanes = [new TraceLane("cpu0", true), new TraceLane("D0", false)],
    };

    public static TheoryData<DmaOrdering, DmaDirection, DmaDirection, bool> Rows()
    {
        // ORDERING's table: W→W, R→R, R→W, W→R.
        var rows = new TheoryData<DmaOrdering, DmaDirection, DmaDirection, bool>();
        Add(DmaOrdering.Full, true, true, true, true);
        Add(DmaOrdering.Tracked, true, true, true, true);
        Add(DmaOrdering.Split, true, true, false, false);
        Add(DmaOrdering.Pci, true, false, false, true);
        Add(DmaOrdering.Relaxed, false, false, false, false);
        return rows;

        void Add(DmaOrdering ordering, bool writeWrite, bool readRead, bool readWrite, bool writeRead)
        {
            rows.Add(ordering, DmaDirection.Write, DmaDirection.Write, writeWrite);
            rows.Add(ordering, DmaDirection.Read, DmaDirection.Read, readRead);
            rows.Add(ordering, DmaDirection.Read, DmaDirection.Write, readWrite);
            rows.Add(ordering, DmaDirection.Write, DmaDirection.Read, writeRead);
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_pair_in_the_wrong_order_breaks_exactly_what_the_ordering_has_between_them(
        DmaOrdering ordering, DmaDirection first, DmaDirection second, bool isOwed)
    {
        var name = DmaOrderings.Name(ordering);
        var late = Access(1, KindOf(first), 10) with { Ordering = name };
        var early = Access(2, KindOf(second), 5) with { Ordering = name };

        var violations = Check(late, early);

        if (!isOwed)
        {
            Assert.Empty(violations);
            return;
        }

        var violation = Assert.Single(violations);
        Assert.Equal((1, 2), (violation.Earlier, violation.Later));
        Assert.Contains($"'{name}'", violation.Rule, StringComparison.Ordinal);
        Assert.Empty(Check(late with { Visible = new TraceSpan(4, 4) }, early));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Where_memory_is_the_hosts_a_fence_that_was_owed_and_not_issued_is_found(
        DmaOrdering ordering, DmaDirection first, DmaDirection second, bool isOwed)
    {
        var name = DmaOrderings.Name(ordering);
        var a = new TraceEvent { Sequence = 1, Lane = "D0", Kind = KindOf(first), Ordering = name };
        var b = a with { Sequence = 2, Kind = KindOf(second) };
        var fence = DmaOrderings.Between(ordering, first, second);

        Assert.Equal(isOwed ? 1 : 0, Check(a, b).Count);
        Assert.Empty(Check(a, b with { Fences = [TraceNames.Of(fence)] }));
        Assert.Empty(Check(a, b with { Fences = ["full"] }));
    }

    [Fact]
    public void Where_memory_is_the_hosts_nothing_is_concluded_across_a_gap()
    {
        var a = new TraceEvent { Sequence = 1, Lane = "D0", Kind = TraceKind.Write, Ordering = "tracked" };
        var b = a with { Sequence = 3, Fences = ["load-store"] };
        Assert.Single(Check(a, b with { Sequence = 2 }));
        Assert.Empty(Check(a, b));
        Assert.Single(Check(a with { Sequence = 4 }, b with { Sequence = 5 }));
    }

    [Fact]
    public void A_relaxed_access_owes_nothing_and_what_stands_behind_it_is_owed_as_behind_an_unknown_one()
    {
        var plain = Access(1, TraceKind.Write, 10) with { Ordering = "full" };
        var relaxed = Access(2, TraceKind.Write, 5) with { Ordering = "full", Relaxed = true };
        Assert.Empty(Check(plain, relaxed));
        Assert.Single(Check(plain with { Relaxed = true }, relaxed with { Relaxed = false }));
    }

    [Theory]
    [InlineData("publish", "write before write: the publish #2 at a.site comes behind everything before it")]
    [InlineData("message", "write before write: the message #2 at a.site comes behind everything before it")]
    public void What_hands_over_comes_behind_every_write_under_every_ordering(string kind, string rule)
    {
        var data = Access(1, TraceKind.Write, 10) with { Ordering = "relaxed", Relaxed = true };
        var flag = Access(2, KindOf(kind), 5) with { Ordering = "relaxed", Site = "a.site", Mutation = "dropped" };
        var violation = Assert.Single(Check(data, flag));
        Assert.Equal(rule, violation.Rule);
    }

    [Theory]
    [InlineData("store", "write", "write", true)]
    [InlineData("store", "read", "read", false)]
    [InlineData("load", "read", "read", true)]
    [InlineData("load", "read", "write", true)]
    [InlineData("load", "write", "write", false)]
    [InlineData("full", "write", "read", true)]
    public void A_fence_that_the_device_asked_for_is_owed_whether_it_was_issued_or_not(string fence, string first, string second, bool isOwed)
    {
        var a = Access(1, KindOf(first), 10) with { Ordering = "relaxed" };
        var asked = new TraceEvent { Sequence = 2, Lane = "D0", Kind = TraceKind.Fence, Fences = [fence], Site = "a.site", Mutation = "dropped" };
        var b = Access(3, KindOf(second), 5) with { Ordering = "relaxed" };

        Assert.Equal(isOwed ? 1 : 0, Check(a, asked, b).Count);
        var unstamped = new[] { a with { Visible = null }, asked, b with { Visible = null } };
        Assert.Equal(isOwed ? 1 : 0, Check(unstamped).Count);
        unstamped[1] = asked with { Mutation = null };
        Assert.Empty(Check(unstamped));
    }

    [Fact]
    public void A_register_read_returns_behind_the_functions_writes()
    {
        var data = Access(1, TraceKind.Write, 10) with { Ordering = "relaxed" };
        var read = Access(2, TraceKind.RegisterRead, 9) with { Lane = "cpu0", Function = "D0" };
        var violation = Assert.Single(Check(data, read));
        Assert.StartsWith("write before register read", violation.Rule, StringComparison.Ordinal);
        Assert.Empty(Check(data, read with { Visible = new TraceSpan(10, 10) }));
        Assert.Empty(Check(data, read with { Function = "D1" }));
    }

    [Fact]
    public void A_write_that_another_thread_may_have_been_in_the_midst_of_is_not_held_against_a_register_read()
    {
        var data = Access(1, TraceKind.Write, 10) with { Ordering = "relaxed", Length = 64 };
        var read = Access(3, TraceKind.RegisterRead, 9) with { Lane = "cpu0", Function = "D0" };
        var next = Access(2, TraceKind.Write, 8) with { Ordering = "relaxed", Relaxed = true };
        Assert.Empty(Check(data, read));
        Assert.Single(Check(data, next, read));
        Assert.Single(TraceChecker.Check(s_header with { Schedule = TraceNames.Deterministic }, [data, read]));
    }

    [Fact]
    public void A_swapped_pair_is_found_though_each_store_is_visible_in_the_order_in_which_it_was_made()
    {
        var word = Access(1, TraceKind.Publish, 5) with { Ordering = "full", Site = "a.site", Mutation = "swapped" };
        var body = Access(2, TraceKind.Write, 10) with { Ordering = "full", Site = "a.site", Mutation = "swapped" };
        var violation = Assert.Single(Check(word, body));
        Assert.Contains("a.site", violation.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_was_never_visible_is_behind_all_that_were()
    {
        var stuck = Access(1, TraceKind.Write, 0) with { Ordering = "full", Visible = null, Status = TraceEvent.Waiting };
        Assert.Single(Check(stuck, Access(2, TraceKind.Write, 5) with { Ordering = "full" }));
    }

    [Fact]
    public void Only_the_last_part_of_the_earlier_and_the_first_of_the_later_count()
    {
        var long1 = Access(1, TraceKind.Write, 0) with { Ordering = "full", Visible = new TraceSpan(1, 7), Length = 16 };
        var long2 = Access(2, TraceKind.Write, 0) with { Ordering = "full", Visible = new TraceSpan(6, 12), Length = 16 };
        Assert.Single(Check(long1, long2));
        Assert.Empty(Check(long1, long2 with { Visible = new TraceSpan(8, 12) }));
    }

    [Fact]
    public void Processors_and_refused_accesses_are_not_checked()
    {
        var a = Access(1, TraceKind.Write, 10) with { Ordering = "full" };
        var b = Access(2, TraceKind.Write, 5) with { Ordering = "full" };
        Assert.Empty(Check(a with { Lane = "cpu0" }, b with { Lane = "cpu0" }));
        Assert.Empty(Check(a, b with { Status = "NotBusMaster", Visible = null }));
    }

    [Fact]
    public void Half_a_million_accesses_are_one_pass()
    {
        var events = Enumerable.Range(1, 500_000).Select(i => Access(i, TraceKind.Write, i) with { Ordering = "tracked" }).ToArray();
        var verdict = TraceChecker.Examine(s_header, events);
        Assert.Equal((500_000, 499_999, 0), (verdict.Accesses, verdict.Pairs, verdict.Violations.Count));
    }

    private static IReadOnlyList<TraceViolation> Check(params TraceEvent[] events) => TraceChecker.Check(s_header, events);

    private static TraceKind KindOf(DmaDirection direction) => direction == DmaDirection.Read ? TraceKind.Read : TraceKind.Write;

    private static TraceKind KindOf(string word) => TraceNames.TryParse(word, out TraceKind kind) ? kind : throw new ArgumentException(word);

    private static TraceEvent Access(long sequence, TraceKind kind, long moment) => new()
    {
        Sequence = sequence,
        Lane = "D0",
        Kind = kind,
        Address = 0x1000 + ((ulong)sequence * 64),
        Length = 4,
        Visible = new TraceSpan(moment, moment),
    };
}
