using System.Globalization;

namespace Emulator.Host.Tests.CommandLine;

/// <summary>What <c>-device</c> says about a function of the PCI bus.</summary>
public sealed class FunctionOptionsTests
{
    [Theory]
    [InlineData("", "2.0")]
    [InlineData(",addr=3", "3.0")]
    [InlineData(",addr=0x1f.7", "1f.7")]
    [InlineData(",addr=10", "10.0")]
    [InlineData(",addr=2.3", "2.3")]
    [InlineData(" -device dma-test", "2.0 3.0")]
    [InlineData(" -device dma-test,addr=2", "3.0 2.0")]
    [InlineData(" -device dma-test,addr=2.1 -device dma-test,addr=4 -device dma-test", "3.0 2.1 4.0 5.0")]
    public void A_function_gets_the_place_it_asks_for_or_the_first_slot_free(string more, string places)
    {
        var words = ("-kernel x -device dma-test" + more).Split(' ');
        var machine = CommandLineHarness.Describe(words);
        Assert.Equal(places.Split(' '), machine.Devices.Select(device => string.Create(CultureInfo.InvariantCulture, $"{device.DevFn >> 3:x}.{device.DevFn & 7}")));
    }

    [Fact]
    public void A_bus_has_no_more_slots_than_it_has()
    {
        string[] words = ["-kernel", "x", .. Enumerable.Repeat<string[]>(["-device", "dma-test"], 30).SelectMany(pair => pair)];
        Assert.Equal(30, CommandLineHarness.Describe(words).Devices.Length);

        var harness = new CommandLineHarness();
        Assert.Equal(2, harness.Invoke([.. words, "-device", "dma-test"]));
        Assert.Contains("there is no slot free", harness.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_has_a_name_an_ordering_and_a_thread()
    {
        var machine = CommandLineHarness.Describe(
            "-kernel", "x", "-device", "dma-test,id=first,dma-ordering=split,iothread=io", "-object", "iothread,id=io", "-device", "dma-test");
        Assert.Equal(["first", "dma-test"], machine.Devices.Select(device => device.Label));
        Assert.Equal(["split", ""], machine.Devices.Select(device => device.Text("dma-ordering")));
        Assert.Equal(["io", ""], machine.Devices.Select(device => device.Text("iothread")));
        Assert.Equal(["io"], machine.IoThreads);
    }

    [Fact]
    public void The_list_of_devices_has_it_all()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("devices"));
        foreach (var expected in new[] { "dma-test: ", "  addr=SLOT[.FUNCTION] ", "  dma-ordering=full|tracked|split|pci|relaxed ", "  iothread=ID ", "-object iothread: " })
        {
            Assert.Contains(expected, harness.Output, StringComparison.Ordinal);
        }
    }
}
