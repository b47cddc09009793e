using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Models;

public sealed class EventBuilderTests
{
    [Theory]
    [InlineData(DmaOrdering.Full, "F.Full W F.Full W F.Full R F.Full R F.Full W")]
    [InlineData(DmaOrdering.Tracked, "F.Full W F.StoreStore W F.Full R F.LoadLoad R F.LoadStore W")]
    [InlineData(DmaOrdering.Split, "F.StoreStore W F.StoreStore W F.LoadLoad R F.LoadLoad R F.StoreStore W")]
    [InlineData(DmaOrdering.Pci, "F.StoreStore W F.StoreStore W F.Full R R W")]
    [InlineData(DmaOrdering.Relaxed, "W W R R W")]
    public void The_bus_puts_its_fences_between_plain_accesses(DmaOrdering ordering, string events) =>
        Assert.Equal(events, Events("write x,1 ;\n write x,2 ;\n read r0,x ;\n read r1,x ;\n write x,3", ordering));

    [Fact]
    public void The_bus_does_not_remember_past_a_relaxed_access_or_a_message()
    {
        Assert.Equal("F.Full W W F.Full W", Events("write x,1 ;\n write.relaxed x,2 ;\n write x,3", DmaOrdering.Tracked));
        Assert.Equal("F.Full W F.Release M F.Full F.Full W", Events("write x,1 ;\n msi P0 ;\n write x,3", DmaOrdering.Tracked));
        Assert.Equal("F.StoreStore W F.Release M F.LoadLoad F.StoreStore W", Events("write x,1 ;\n msi P0 ;\n write x,3", DmaOrdering.Split));
    }

    [Fact]
    public void A_publish_brings_its_own_fence_and_the_relaxed_one_only_that()
    {
        Assert.Equal("F.Full W F.StoreStore F.Release W F.StoreStore W", Events("write x,1 ;\n publish x,2 ;\n write x,3", DmaOrdering.Tracked));
        Assert.Equal("F.Full W F.Release W F.Full W", Events("write x,1 ;\n publish.relaxed x,2 ;\n write x,3", DmaOrdering.Tracked));
    }

    [Fact]
    public void A_bulk_access_has_one_fence_before_all_its_words()
    {
        Assert.Equal("F.Full W W F.Full R R F.LoadStore W W", Events("fill a,1 ;\n fetch r0,a ;\n fill a,2", DmaOrdering.Tracked));
        Assert.Equal("F.Full W F.StoreStore F.Full I F.StoreStore W", Events("write x,1 ;\n wmb ;\n mb ;\n intx P0 ;\n write x,2", DmaOrdering.Tracked));
    }

    private static string Events(string column, DmaOrdering ordering)
    {
        var irq = column.Contains("P0", StringComparison.Ordinal) ? " wait irq |" : " |";
        var rows = string.Join(" ;\n", column.Split(" ;\n").Select((cell, i) => (i == 0 ? irq : " |") + cell));
        var test = LitmusFiles.Parse($"DMA T \"t\" {{ x=0; a[2]=0; }}\n P0 vcpu | D0 dma ;\n{rows} ;\nexists x=1");
        var events = new EventGraph(test, ordering).Events.Where(e => e.Column == 1);
        return string.Join(' ', events.Select(e =>
            e.Is(EventKinds.Fence) ? $"F.{e.Fence}" : e.Is(EventKinds.Message) ? "M" : e.Is(EventKinds.Pin) ? "I" : e.Is(EventKinds.Read) ? "R" : "W"));
    }
}
