using Emulator.Devices;
using Emulator.Host.Machine;
using Emulator.Memory;

namespace Emulator.Host.Tests.CommandLine;

/// <summary><c>-memory-model</c>, <c>-schedule</c>, <c>-seed</c>, <c>-mutate</c>.</summary>
public sealed class ScheduleOptionsTests
{
    [Fact]
    public void A_machine_is_the_hosts_own_unless_something_else_is_asked_for()
    {
        var machine = CommandLineHarness.Describe("-kernel", "x");
        Assert.Equal((MemoryModel.Host, ScheduleKind.Parallel, 0UL), (machine.MemoryModel, machine.Schedule, machine.Seed));
        Assert.Empty(machine.Mutations);
    }

    [Fact]
    public void Model_schedule_and_seed_are_as_asked_for()
    {
        var machine = CommandLineHarness.Describe("-kernel", "x", "-memory-model", "weak", "--schedule", "deterministic", "-seed", "42");
        Assert.Equal((MemoryModel.Weak, ScheduleKind.Deterministic, 42UL), (machine.MemoryModel, machine.Schedule, machine.Seed));
    }

    [Fact]
    public void Sites_are_broken_wherever_the_device_stands_and_add_up()
    {
        var machine = CommandLineHarness.Describe(
            "-kernel", "x", "-mutate", "dma-test.publish,dma-test.completion.record-before-status:swap", "-device", "dma-test", "-mutate", "msi.after-data");
        Assert.Equal(
            [(DmaTestSites.Publish, SiteMutation.Dropped), (DmaTestSites.RecordBeforeStatus, SiteMutation.Swapped), (BusSites.MessageAfterData, SiteMutation.Dropped)],
            machine.Mutations.OrderBy(m => m.Key.Name, StringComparer.Ordinal).OrderBy(m => m.Key == BusSites.MessageAfterData ? 2 : m.Value == SiteMutation.Swapped ? 1 : 0)
                .Select(m => (m.Key, m.Value)));
    }

    [Fact]
    public void All_drops_every_site_there_is()
    {
        var machine = CommandLineHarness.Describe("-kernel", "x", "-device", "dma-test", "-mutate", "all");
        Assert.Equal([.. DmaTestSites.All.Concat(InterruptSites.All).ToHashSet()], machine.Mutations.Keys.ToHashSet());
        Assert.All(machine.Mutations.Values, m => Assert.Equal(SiteMutation.Dropped, m));
    }

    [Theory]
    [InlineData("-memory-model strong", "-memory-model strong: unknown memory model 'strong'; valid: host, tso, weak")]
    [InlineData("-schedule determinstic", "-schedule determinstic: unknown schedule 'determinstic'; did you mean 'deterministic'?")]
    [InlineData("-device dma-test -mutate dma-test.publsh", "-mutate dma-test.publsh: the machine has no ordering site 'dma-test.publsh'; did you mean 'dma-test.publish'?")]
    [InlineData("-mutate dma-test.publish", "the machine has no ordering site 'dma-test.publish'")]
    [InlineData("-mutate msi.after-data:swap", "-mutate msi.after-data:swap: 'msi.after-data' has no pair of writes to swap; no site has")]
    [InlineData("-serial script:", "'script' needs a path: script:PATH")]
    public void A_mistake_gets_one_line_that_says_what_would_be_right(string words, string expected)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(2, harness.Invoke(["-kernel", "x", .. words.Split(' ')]));
        Assert.Contains(expected, harness.Error, StringComparison.Ordinal);
        Assert.Equal(1, harness.Error.Count(c => c == '\n'));
    }

    [Fact]
    public void The_list_of_devices_has_the_sites()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("devices"));
        Assert.All(DmaTestSites.All.Concat(InterruptSites.All), site => Assert.Contains($"  site {site.Name}", harness.Output, StringComparison.Ordinal));
    }
}
