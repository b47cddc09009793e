namespace Emulator.Devices.Tests;

public class SystemPortTests
{
    [Fact]
    public void Port_61_gates_channel_2_and_shows_its_output()
    {
        var clock = new ManualClock();
        using var pit = new I8254(clock, new RecordingLine());
        var port = new SystemControlPortB(pit, clock);
        pit.Out(3, 0xB0);
        pit.Out(2, 0x10);
        pit.Out(2, 0x00);
        clock.Advance(1_000_000);
        Assert.Equal(0x00, port.In() & 0x2F);

        port.Out(0, 0xFF);
        Assert.Equal(0x0F, port.In() & 0xEF);
        Assert.True(port.SpeakerEnabled);
        clock.Advance(1_000_000);
        Assert.Equal(0x2F, port.In() & 0xEF);
        port.Reset();
        Assert.False(pit.Gate2);
    }

    [Fact]
    public void Port_61_toggles_its_refresh_bit_every_fifteen_microseconds()
    {
        var clock = new ManualClock();
        using var pit = new I8254(clock, new RecordingLine());
        var port = new SystemControlPortB(pit, clock);
        int toggles = 0;
        int before = port.In() & 0x10;
        for (int i = 0; i < 1000; i++)
        {
            clock.Advance(1000);
            int now = port.In() & 0x10;
            toggles += now != before ? 1 : 0;
            before = now;
        }

        Assert.Equal(66, toggles);
    }

    [Fact]
    public void Port_92_resets_when_its_lowest_bit_rises()
    {
        int resets = 0;
        var changes = new List<bool>();
        var port = new SystemControlPortA { ResetRequested = () => resets++, A20Changed = changes.Add };
        Assert.Equal(0x02, port.In());

        port.Out(0, 0x00);
        port.Out(0, 0x02);
        Assert.Equal(0, resets);
        port.Out(0, 0x03);
        Assert.Equal(1, resets);
        port.Out(0, 0x03);
        Assert.Equal(1, resets);
        Assert.Equal([false, true], changes);
    }

    [Fact]
    public void The_page_registers_read_back_and_the_first_is_the_POST_code()
    {
        var codes = new List<byte>();
        var pages = new DmaPageRegisters { PostCodeWritten = codes.Add };
        for (int i = 0; i < 16; i++)
        {
            pages.Out(i, 0xA0 + i);
        }

        Assert.Equal(Enumerable.Range(0xA0, 16), Enumerable.Range(0, 16).Select(i => (int)pages.In(i)));
        Assert.Equal(0xA0, pages.PostCode);
        Assert.Equal([0xA0], codes);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void DMA_counters_are_written_and_read_by_halves(bool wide, int stride)
    {
        var dma = new I8237(wide);
        dma.Out(12 * stride, 0);
        for (int i = 0; i < 8; i++)
        {
            dma.Out(i * stride, i);
            dma.Out(i * stride, 0x10 + i);
        }

        dma.In(0);
        dma.Out(12 * stride, 0);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(i, dma.In(i * stride));
            Assert.Equal(0x10 + i, dma.In(i * stride));
        }
    }

    [Fact]
    public void DMA_masks_and_requests_are_set_by_channel_and_cleared_by_a_master_clear()
    {
        var dma = new I8237(wide: false);
        Assert.Equal(0xFF, dma.In(15));
        dma.Out(14, 0);
        dma.Out(10, 6);
        Assert.Equal(0xF4, dma.In(15));
        dma.Out(10, 2);
        dma.Out(15, 0x09);
        Assert.Equal(0xF9, dma.In(15));
        dma.Out(9, 5);
        Assert.Equal(0x20, dma.In(8));
        dma.Out(11, 0x59);
        dma.In(14);
        Assert.Equal([0x00, 0x59, 0x02, 0x03], Enumerable.Range(0, 4).Select(_ => (int)dma.In(11)));
        dma.Out(13, 0);

        Assert.Equal((0xFF, 0x00), (dma.In(15), dma.In(8)));
    }

    [Fact]
    public void The_APM_ports_are_storage_and_report_commands()
    {
        var commands = new List<byte>();
        var apm = new ApmControl { CommandWritten = commands.Add };
        apm.Out(1, 0x11);
        apm.Out(0, 0x22);

        Assert.Equal((0x22, 0x11), (apm.In(0), apm.In(1)));
        Assert.Equal([0x22], commands);
    }
}
