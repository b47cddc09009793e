using Emulator.Host.Console;
using Emulator.Host.Machine;
using Emulator.Memory;

namespace Emulator.Host.Tests.CommandLine;

public sealed class RunOptionsTests
{
    [Fact]
    public void A_qemu_command_line_is_understood()
    {
        var machine = CommandLineHarness.Describe(
            "-kernel", "guest.elf", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-serial", "stdio", "-nodefaults", "-display", "none",
            "-vga", "none", "-M", "pc", "-m", "256", "-smp", "1", "-cpu", "max", "-append", "a b", "-no-reboot", "-name", "guest", "-monitor", "none", "-net", "none");

        Assert.Equal("guest.elf", machine.Kernel);
        Assert.Equal("a b", machine.KernelCommandLine);
        Assert.Equal(256UL << 20, machine.MemorySize);
        Assert.True(machine.NoReboot);
        Assert.Equal("guest", machine.Name);
        var exit = Assert.Single(machine.Devices);
        Assert.Equal(0xF4UL, exit.Number("iobase"));
        Assert.Equal(4UL, exit.Number("iosize"));
        Assert.Equal("shifted", exit.Text("status"));
        Assert.Equal(CharacterKind.Stdio, Assert.Single(machine.Characters).Kind);
        Assert.Equal("serial0", Assert.Single(machine.SerialPorts));
    }

    [Theory]
    [InlineData("run", "--kernel", "x")]
    [InlineData("run", "-kernel", "x")]
    [InlineData("--kernel=x")]
    [InlineData("-kernel=x")]
    [InlineData("-kernel", "y", "-kernel", "x")]
    public void Both_spellings_work_with_and_without_the_verb_and_the_last_one_counts(params string[] words) =>
        Assert.Equal("x", CommandLineHarness.Describe(words).Kernel);

    [Theory]
    [InlineData("-v --kernel y")]
    [InlineData("--kernel")]
    [InlineData("")]
    [InlineData("@file a=b:c")]
    public void The_word_behind_an_option_is_its_value_whatever_it_looks_like(string text) =>
        Assert.Equal(text, CommandLineHarness.Describe("-kernel", "x", "-append", text).KernelCommandLine);

    [Theory]
    [InlineData("64", 64UL << 20)]
    [InlineData("64M", 64UL << 20)]
    [InlineData("64m", 64UL << 20)]
    [InlineData("size=64", 64UL << 20)]
    [InlineData("2048K", 2UL << 20)]
    [InlineData("1.5G", 3UL << 29)]
    [InlineData("63G", 63UL << 30)]
    [InlineData("1", 1UL << 20)]
    [InlineData("1025K", (1UL << 20) + 8192)]
    public void Memory_sizes_have_suffixes_and_are_rounded_up_to_8_kibibytes(string text, ulong bytes) =>
        Assert.Equal(bytes, CommandLineHarness.Describe("-kernel", "x", "-m", text).MemorySize);

    [Fact]
    public void A_trace_has_a_file_and_perhaps_a_limit_and_no_processors()
    {
        Assert.Equal(new TraceDescription("a,b"), CommandLineHarness.Describe("-kernel", "x", "-trace", "dma,file=a,,b").Trace);
        Assert.Equal(
            new TraceDescription("t", HasProcessors: false, Limit: 2UL << 20),
            CommandLineHarness.Describe("-kernel", "x", "-trace", "dma,file=t,vcpu=off,limit=2M").Trace);
    }

    [Theory]
    [InlineData("full", DmaOrdering.Full)]
    [InlineData("relaxed", DmaOrdering.Relaxed)]
    public void The_ordering_of_DMA_is_the_buss(string name, DmaOrdering ordering) =>
        Assert.Equal(ordering, CommandLineHarness.Describe("-kernel", "x", "-dma-ordering", name).DmaOrdering);

    [Fact]
    public void Without_a_word_every_DMA_access_has_a_full_fence() =>
        Assert.Equal(DmaOrdering.Full, CommandLineHarness.Describe("-kernel", "x").DmaOrdering);

    [Fact]
    public void Modules_are_separated_by_commas_and_carry_their_arguments()
    {
        var modules = CommandLineHarness.Describe("-kernel", "x", "-initrd", "a.bin one two,b,,c").Modules;
        Assert.Equal([new ModuleDescription("a.bin", "a.bin one two"), new ModuleDescription("b,c", "b,c")], modules);
    }

    [Fact]
    public void Com1_is_there_unless_nodefaults_says_otherwise()
    {
        Assert.Equal(CharacterKind.Null, CommandLineHarness.Describe("-kernel", "x").Characters[0].Kind);
        Assert.Empty(CommandLineHarness.Describe("-kernel", "x", "-nodefaults").SerialPorts);
        Assert.Equal(CharacterKind.Stdio, CommandLineHarness.Describe("-kernel", "x", "-nographic").Characters[0].Kind);
    }

    [Fact]
    public void Serial_options_are_com1_to_com4_in_order_and_none_leaves_a_gap()
    {
        var machine = CommandLineHarness.Describe("-kernel", "x", "-serial", "none", "-serial", "mon:stdio", "-serial", "file:log", "-serial", "pty");
        Assert.Equal([null, "serial1", "serial2", "serial3"], machine.SerialPorts);
        Assert.Equal([CharacterKind.Stdio, CharacterKind.File, CharacterKind.Pty], machine.Characters.Select(c => c.Kind));
        Assert.Equal("log", machine.Characters[1].Path);
    }

    [Fact]
    public void A_serial_device_takes_the_place_of_the_default_port()
    {
        var machine = CommandLineHarness.Describe("-kernel", "x", "-chardev", "stdio,id=c", "-device", "isa-serial,chardev=c");
        Assert.Equal(["c"], machine.SerialPorts);
    }

    [Theory]
    [InlineData("tcp:localhost:4444", "localhost", 4444, false, true)]
    [InlineData("tcp::4444,server", "", 4444, true, true)]
    [InlineData("tcp::4444,server,nowait", "", 4444, true, false)]
    [InlineData("tcp:[::1]:0,server=on,wait=off", "::1", 0, true, false)]
    public void Tcp_back_ends_have_qemus_forms(string text, string host, int port, bool server, bool waits)
    {
        var character = CommandLineHarness.Describe("-kernel", "x", "-serial", text).Characters[0];
        Assert.Equal((CharacterKind.Tcp, host, port, server, waits), (character.Kind, character.HostName, character.Port, character.IsServer, character.Waits));
    }

    [Fact]
    public void A_debug_console_shares_a_back_end_that_allows_it()
    {
        var machine = CommandLineHarness.Describe(
            "-kernel", "x", "-chardev", "stdio,id=c,mux=on", "-serial", "chardev:c", "-device", "isa-debugcon,chardev=c,iobase=0x402");
        Assert.Equal(["c"], machine.SerialPorts);
        Assert.Equal(0x402UL, machine.Devices[0].Number("iobase"));
    }

    [Fact]
    public void Debugcon_is_short_for_a_device()
    {
        var machine = CommandLineHarness.Describe("-kernel", "x", "-debugcon", "file:log");
        Assert.Equal("isa-debugcon", Assert.Single(machine.Devices).Name);
        Assert.Contains(machine.Characters, c => c.Path == "log" && c.Id == machine.Devices[0].Text("chardev"));
    }

    [Fact]
    public void The_test_verb_passes_its_options_on()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("test", "hel*", "--junit", "r.xml", "--target", "qemu", "--list"));
        Assert.Equal(new Emulator.Host.Testing.SuiteRequest { Filter = "hel*", JunitFile = "r.xml", Target = Emulator.Host.Testing.SuiteTarget.Qemu, ListOnly = true }, harness.Suite);
    }

    [Theory]
    [InlineData("-h")]
    [InlineData("--help")]
    [InlineData("-help")]
    [InlineData("run", "--help")]
    [InlineData("test", "--help")]
    public void Help_goes_to_standard_output_with_status_0(params string[] words)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke(words));
        Assert.Contains("Usage:", harness.Output, StringComparison.Ordinal);
        Assert.Empty(harness.Error);
    }

    [Fact]
    public void Devices_lists_every_property_with_its_default()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("devices"));
        Assert.Contains("isa-debug-exit", harness.Output, StringComparison.Ordinal);
        Assert.Contains("(default 0x501)", harness.Output, StringComparison.Ordinal);
        Assert.Contains("status=shifted|raw", harness.Output, StringComparison.Ordinal);
    }
}
