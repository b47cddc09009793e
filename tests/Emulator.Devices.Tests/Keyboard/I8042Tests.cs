namespace Emulator.Devices.Tests;

public class I8042Tests
{
    private const int OutputFull = 0x01;
    private const int Auxiliary = 0x20;
    private const int Timeout = 0x40;

    private readonly RecordingLine irq1 = new();
    private readonly RecordingLine irq12 = new();
    private readonly I8042 controller;
    private int resets;

    public I8042Tests() => controller = new I8042(irq1, irq12) { ResetRequested = () => resets++ };

    [Fact]
    public void The_self_test_passes_and_sets_the_system_flag()
    {
        Assert.Equal(0, controller.Command.In() & 0x07);
        Command(0xAA);

        Assert.Equal(0x05, controller.Command.In() & 0x07);
        Assert.Equal(0x55, controller.Data.In());
        Assert.Equal(0x04, controller.Command.In() & 0x07);
    }

    [Fact]
    public void The_command_byte_reads_back()
    {
        Command(0x60);
        controller.Data.Out(0, 0x47);
        Command(0x20);

        Assert.Equal(0x47, controller.Data.In());
        Assert.Equal(0x04, controller.Command.In() & 0x04);
    }

    [Fact]
    public void Interfaces_are_switched_in_the_command_byte_and_test_well()
    {
        Command(0xAD);
        Command(0xA7);
        Assert.Equal(0x33, Ask(0x20));
        Command(0xAE);
        Command(0xA8);
        Assert.Equal(0x03, Ask(0x20));
        Assert.Equal(0x00, Ask(0xAB));
        Assert.Equal(0x00, Ask(0xA9));
    }

    [Fact]
    public void A_byte_for_the_keyboard_times_out_with_an_interrupt()
    {
        controller.Data.Out(0, 0xFF);

        Assert.Equal(OutputFull | Timeout, controller.Command.In() & (OutputFull | Auxiliary | Timeout));
        Assert.True(irq1.Level);
        Assert.False(irq12.Level);
        Assert.Equal(0xFE, controller.Data.In());
        Assert.False(irq1.Level);
        Assert.Equal(0, controller.Command.In() & (OutputFull | Timeout));
    }

    [Fact]
    public void A_byte_for_the_mouse_times_out_with_its_interrupt()
    {
        Command(0xD4);
        controller.Data.Out(0, 0xF2);

        Assert.Equal(OutputFull | Auxiliary | Timeout, controller.Command.In() & (OutputFull | Auxiliary | Timeout));
        Assert.True(irq12.Level);
        Assert.Equal(0xFE, controller.Data.In());
        Assert.False(irq12.Level);
    }

    [Fact]
    public void The_output_buffers_can_be_written_by_the_guest()
    {
        Command(0xD3);
        controller.Data.Out(0, 0x5A);
        Assert.Equal(OutputFull | Auxiliary, controller.Command.In() & (OutputFull | Auxiliary));
        Assert.Equal(0x5A, controller.Data.In());

        Command(0xD2);
        controller.Data.Out(0, 0xA5);
        Assert.Equal(OutputFull, controller.Command.In() & (OutputFull | Auxiliary));
        Assert.Equal(0xA5, controller.Data.In());
    }

    [Fact]
    public void Without_its_enable_a_full_buffer_does_not_interrupt()
    {
        Command(0x60);
        controller.Data.Out(0, 0x00);
        Command(0xAA);
        Assert.False(irq1.Level);

        Command(0x60);
        controller.Data.Out(0, 0x01);

        Assert.True(irq1.Level);
    }

    [Fact]
    public void Each_byte_is_a_new_edge_even_over_one_that_was_not_read()
    {
        Command(0xAA);
        Command(0xAB);

        Assert.Equal(2, irq1.Rises);
        Assert.Equal(0x00, controller.Data.In());
    }

    [Theory]
    [InlineData(0xFE, 1)]
    [InlineData(0xF0, 1)]
    [InlineData(0xFF, 0)]
    [InlineData(0xFD, 0)]
    public void Pulsing_output_bit_0_requests_a_reset(int command, int expected)
    {
        Command(command);

        Assert.Equal(expected, resets);
    }

    [Fact]
    public void The_output_port_shows_and_switches_A20_and_resets_by_its_lowest_bit()
    {
        var changes = new List<bool>();
        controller.A20Changed = changes.Add;
        Assert.Equal(0xCF, Ask(0xD0));
        Command(0xD1);
        controller.Data.Out(0, 0xCD);
        Assert.False(controller.A20);
        Assert.Equal(0xCD, Ask(0xD0));
        Command(0xDF);
        Assert.True(controller.A20);
        Command(0xDD);
        Assert.Equal([false, true, false], changes);
        Assert.Equal(0, resets);

        Command(0xD1);
        controller.Data.Out(0, 0xCE);

        Assert.Equal(1, resets);
    }

    [Fact]
    public void A_reset_puts_everything_back()
    {
        controller.Data.Out(0, 0xFF);
        Command(0xDD);

        controller.Reset();

        Assert.False(irq1.Level);
        Assert.True(controller.A20);
        Assert.Equal(0x18, controller.Command.In());
    }

    private void Command(int value) => controller.Command.Out(0, value);

    private int Ask(int command)
    {
        Command(command);
        return controller.Data.In();
    }
}
