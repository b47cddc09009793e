using Emulator.Host.Testing;
using Emulator.Host.Testing.Teeth;
using Emulator.Memory;

namespace Emulator.Host.Tests.Testing.Teeth;

public sealed class TeethPlanTests
{
    private static readonly GuestImage s_guest = new()
    {
        Name = "ordering",
        File = "ordering.elf",
        Arguments = ["-device", "e1000"],
        Append = "rounds=9",
        Teeth = new TeethEntry { Sites = ["a.b"], Simulated = "rounds=5", Host = "rounds=1000000", HostSeconds = 99 },
    };

    [Fact]
    public void With_nothing_broken_every_ordering_in_every_model_must_pass()
    {
        var trials = TeethPlan.Unbroken(s_guest, simulatedOnly: false).ToList();
        Assert.Equal(15, trials.Select(t => (t.Ordering, t.Model)).Distinct().Count());
        Assert.All(trials, t => Assert.False(t.MustBeCaught));
        Assert.Equal(10, TeethPlan.Unbroken(s_guest, simulatedOnly: true).Count());
    }

    [Theory]
    [InlineData("MP", false, "dropped relaxed weak caught, dropped full weak passes")]
    [InlineData("MP; 2+2W if 32 bits", false, "dropped relaxed weak caught, dropped full weak passes")]
    [InlineData("SB", false, "dropped relaxed weak caught, dropped full weak passes, dropped relaxed tso caught, dropped relaxed host caught")]
    [InlineData("LB", true, "swapped full weak caught, swapped tracked weak caught, swapped split weak caught, swapped pci weak caught, swapped relaxed weak caught")]
    public void A_broken_site_is_tried_where_its_shape_can_show(string shape, bool hasPair, string expected)
    {
        var site = new OrderingSite("a.b", "does", "relies", shape) { HasPair = hasPair };
        Assert.Equal(expected, string.Join(", ", TeethPlan.Broken(s_guest, site, simulatedOnly: false).Select(Describe)));
    }

    [Fact]
    public void A_device_that_does_without_the_buss_barriers_is_not_covered_by_them()
    {
        var site = new OrderingSite("a.b", "does", "relies", "SB") { IsRelaxed = true };
        Assert.Equal(
            ["dropped relaxed weak caught", "dropped full weak caught", "dropped relaxed tso caught"],
            TeethPlan.Broken(s_guest, site, simulatedOnly: true).Select(Describe));
    }

    [Fact]
    public void What_ends_a_register_read_is_not_covered_by_the_bus() =>
        Assert.Equal(["dropped relaxed weak caught"], TeethPlan.Broken(s_guest, BusSites.FlushedByRead, simulatedOnly: true).Select(Describe));

    [Fact]
    public void In_a_simulated_memory_a_machine_is_made_again_by_its_seed()
    {
        var site = new OrderingSite("a.b", "does", "relies", "MP") { HasPair = true };
        var words = new TeethTrial(s_guest, site, SiteMutation.Swapped, DmaOrdering.Pci, MemoryModel.Weak).CommandLine(7);
        Assert.EndsWith(
            "-append rounds=5 ordering=pci model=weak -device e1000 -dma-ordering pci -memory-model weak -schedule deterministic -seed 7 -mutate a.b:swap",
            string.Join(' ', words),
            StringComparison.Ordinal);
    }

    [Fact]
    public void On_the_hosts_own_memory_the_long_run_has_no_seed()
    {
        var trial = new TeethTrial(s_guest, null, SiteMutation.None, DmaOrdering.Full, MemoryModel.Host);
        Assert.EndsWith(
            "-append rounds=1000000 ordering=full model=host -device e1000 -dma-ordering full -memory-model host", string.Join(' ', trial.CommandLine(1)), StringComparison.Ordinal);
        Assert.Equal(99, trial.Seconds);
    }

    [Fact]
    public void Only_a_guest_that_said_so_has_caught_anything()
    {
        var trial = new TeethTrial(s_guest, null, SiteMutation.None, DmaOrdering.Full, MemoryModel.Weak);
        Assert.Equal(
            [TeethSight.Passed, TeethSight.Caught, TeethSight.Broken, TeethSight.Broken, TeethSight.Broken],
            new int?[] { 1, 3, 124, 70, null }.Select(trial.Judge));
    }

    private static string Describe(TeethTrial trial) =>
        $"{(trial.Mutation == SiteMutation.Swapped ? "swapped" : "dropped")} {DmaOrderings.Name(trial.Ordering)} {MemoryModels.Name(trial.Model)} {(trial.MustBeCaught ? "caught" : "passes")}";
}
