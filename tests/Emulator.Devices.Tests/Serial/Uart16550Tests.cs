namespace Emulator.Devices.Tests;

public sealed class Uart16550Tests : IDisposable
{
    private const int Data = 0;
    private const int InterruptEnable = 1;
    private const int InterruptIdentification = 2;
    private const int FifoControl = 2;
    private const int LineControl = 3;
    private const int ModemControl = 4;
    private const int LineStatus = 5;
    private const int ModemStatus = 6;
    private const int Scratch = 7;

    // 8N1 at a divisor of 1: ten bits of 115200 a second.
    private const long CharacterTime = 86_805;

    private readonly ManualClock clock = new();
    private readonly RecordingLine irq = new();
    private readonly QueueBackend backend = new();
    private readonly Uart16550 uart;

    public Uart16550Tests()
    {
        uart = new Uart16550("com1", clock, irq, backend);
        uart.Out(LineControl, 0x83);
        uart.Out(Data, 1);
        uart.Out(InterruptEnable, 0);
        uart.Out(LineControl, 0x03);
        uart.Out(ModemControl, 0x0B);
    }

    public void Dispose() => uart.Dispose();

    [Fact]
    public void A_byte_written_reaches_the_far_end_and_the_transmitter_is_empty_again()
    {
        uart.Out(Data, 'x');

        Assert.Equal("x"u8.ToArray(), backend.Sent);
        Assert.Equal(0x60, uart.In(LineStatus));
    }

    [Fact]
    public void The_divisor_lies_behind_DLAB()
    {
        uart.Out(LineControl, 0x80);
        uart.Out(Data, 0x34);
        uart.Out(InterruptEnable, 0x12);
        Assert.Equal((0x34, 0x12), (uart.In(Data), uart.In(InterruptEnable)));
        uart.Out(LineControl, 0x03);

        Assert.Equal(0, uart.In(InterruptEnable));
        Assert.Empty(backend.Sent);
    }

    [Fact]
    public void The_scratch_register_keeps_a_byte_and_survives_a_reset()
    {
        uart.Out(Scratch, 0xA5);
        uart.Reset();

        Assert.Equal(0xA5, uart.In(Scratch));
    }

    [Fact]
    public void Registers_have_no_bits_that_the_chip_lacks()
    {
        uart.Out(InterruptEnable, 0xFF);
        uart.Out(ModemControl, 0xFF);

        Assert.Equal(0x0F, uart.In(InterruptEnable));
        Assert.Equal(0x1F, uart.In(ModemControl));
    }

    [Fact]
    public void The_FIFO_bits_of_IIR_show_whether_the_FIFO_is_on()
    {
        Assert.Equal(0x01, uart.In(InterruptIdentification));
        uart.Out(FifoControl, 0x01);
        Assert.Equal(0xC1, uart.In(InterruptIdentification));
        uart.Out(FifoControl, 0x00);
        Assert.Equal(0x01, uart.In(InterruptIdentification));
    }

    [Fact]
    public void Enabling_the_transmitter_interrupt_with_an_empty_transmitter_raises_it_and_reading_IIR_ends_it()
    {
        uart.Out(InterruptEnable, 0x02);
        Assert.True(irq.Level);
        Assert.Equal(0x02, uart.In(InterruptIdentification));
        Assert.False(irq.Level);
        Assert.Equal(0x01, uart.In(InterruptIdentification));

        uart.Out(Data, 'a');
        Assert.True(irq.Level);
        uart.Out(InterruptEnable, 0);
        Assert.False(irq.Level);
        uart.Out(InterruptEnable, 0x02);
        Assert.True(irq.Level);
    }

    [Fact]
    public void OUT2_lets_the_interrupt_through()
    {
        uart.Out(ModemControl, 0x03);
        uart.Out(InterruptEnable, 0x02);
        Assert.False(irq.Level);

        uart.Out(ModemControl, 0x0B);

        Assert.True(irq.Level);
    }

    [Fact]
    public void Without_the_FIFO_one_byte_is_taken_at_a_time_and_raises_an_interrupt()
    {
        uart.Out(InterruptEnable, 0x01);

        Assert.Equal(1, uart.Receive("abc"u8));
        Assert.True(irq.Level);
        Assert.Equal(0x04, uart.In(InterruptIdentification));
        Assert.Equal(0x61, uart.In(LineStatus));
        Assert.Equal((byte)'a', uart.In(Data));
        Assert.False(irq.Level);
        Assert.Equal(0x60, uart.In(LineStatus));
    }

    [Theory]
    [InlineData(0x01, 1)]
    [InlineData(0x41, 4)]
    [InlineData(0x81, 8)]
    [InlineData(0xC1, 14)]
    public void The_FIFO_interrupts_at_its_trigger_level_and_until_it_is_below(int control, int level)
    {
        uart.Out(FifoControl, control);
        uart.Out(InterruptEnable, 0x01);

        uart.Receive(new byte[level - 1]);
        Assert.False(irq.Level);
        uart.Receive(new byte[1]);
        Assert.True(irq.Level);
        Assert.Equal(0xC4, uart.In(InterruptIdentification));
        uart.In(Data);
        Assert.False(irq.Level);
    }

    [Fact]
    public void Bytes_below_the_trigger_level_interrupt_after_four_character_times_of_quiet()
    {
        uart.Out(FifoControl, 0x81);
        uart.Out(InterruptEnable, 0x01);
        uart.Receive("ab"u8);
        clock.Advance(3 * CharacterTime);
        uart.Receive("c"u8);
        clock.Advance((4 * CharacterTime) - 10);
        Assert.False(irq.Level);

        clock.Advance(20);
        Assert.True(irq.Level);
        Assert.Equal(0xCC, uart.In(InterruptIdentification));
        uart.Receive("d"u8);
        Assert.True(irq.Level);
        uart.In(Data);
        Assert.False(irq.Level);
        clock.Advance(5 * CharacterTime);
        Assert.True(irq.Level);
        uart.In(Data);
        uart.In(Data);
        uart.In(Data);
        clock.Advance(100 * CharacterTime);
        Assert.False(irq.Level);
    }

    [Fact]
    public void The_FIFO_takes_sixteen_and_the_far_end_is_told_when_there_is_room_again()
    {
        int told = 0;
        uart.Out(FifoControl, 0x01);
        uart.ReceiveReady += () => told++;
        byte[] sent = [.. Enumerable.Range(0, 20).Select(static i => (byte)i)];

        Assert.Equal(16, uart.Receive(sent));
        Assert.False(uart.CanReceive);
        Assert.Equal(0, uart.Receive(sent));
        Assert.Equal(0, told);
        Assert.Equal(0, uart.In(Data));
        Assert.Equal(1, told);
        Assert.Equal(1, uart.In(Data));
        Assert.Equal(1, told);
        Assert.True(uart.CanReceive);
        Assert.Equal(2, uart.Receive(sent.AsSpan(16)));
        Assert.Equal(Enumerable.Range(2, 16), Enumerable.Range(0, 16).Select(_ => (int)uart.In(Data)));
    }

    [Fact]
    public void Nothing_is_taken_before_the_guest_listens()
    {
        uart.Reset();
        Assert.Equal(0, uart.Receive("a"u8));
        uart.Out(FifoControl, 0xC7);
        int told = 0;
        uart.ReceiveReady += () => told++;

        uart.Out(ModemControl, 0x1B);
        Assert.Equal(0, uart.Receive("a"u8));
        uart.Out(ModemControl, 0x01);
        Assert.Equal(0, uart.Receive("a"u8));
        uart.Out(ModemControl, 0x03);
        Assert.Equal(1, told);
        Assert.Equal(1, uart.Receive("a"u8));
    }

    [Fact]
    public void A_guest_that_only_polls_is_listening_after_a_while_and_one_that_sends_is_not()
    {
        uart.Reset();
        for (int i = 0; i < 100; i++)
        {
            uart.In(LineStatus);
            uart.Out(Data, 'x');
        }

        Assert.False(uart.CanReceive);
        for (int i = 0; i < 16; i++)
        {
            uart.In(LineStatus);
        }

        Assert.True(uart.CanReceive);
        uart.Receive("a"u8);
        Assert.Equal((byte)'a', uart.In(Data));
        uart.Out(Data, 'a');
        Assert.True(uart.CanReceive);
    }

    [Fact]
    public void A_far_end_without_room_holds_the_transmitter_full_until_it_has_some()
    {
        uart.Out(InterruptEnable, 0x02);
        uart.In(InterruptIdentification);
        backend.Room = 0;

        uart.Out(Data, 'a');
        Assert.Equal(0x00, uart.In(LineStatus));
        Assert.False(irq.Level);
        backend.Room = 1;
        uart.TransmitReady();

        Assert.Equal("a"u8.ToArray(), backend.Sent);
        Assert.Equal(0x60, uart.In(LineStatus));
        Assert.Equal(0x02, uart.In(InterruptIdentification));
    }

    [Fact]
    public void The_transmitter_FIFO_keeps_sixteen_bytes_in_order_for_a_far_end_without_room()
    {
        uart.Out(FifoControl, 0x01);
        backend.Room = 0;
        for (int i = 0; i < 17; i++)
        {
            uart.Out(Data, i);
        }

        backend.Room = 5;
        uart.TransmitReady();
        Assert.Equal(0x00, uart.In(LineStatus));
        backend.Room = 100;
        uart.TransmitReady();

        Assert.Equal(Enumerable.Range(0, 16), backend.Sent.Select(static b => (int)b));
        Assert.Equal(0x60, uart.In(LineStatus));
    }

    [Fact]
    public void Resetting_the_transmitter_FIFO_drops_what_was_not_sent()
    {
        uart.Out(FifoControl, 0x01);
        backend.Room = 0;
        uart.Out(Data, 'a');
        uart.Out(FifoControl, 0x05);
        backend.Room = 1;
        uart.TransmitReady();

        Assert.Empty(backend.Sent);
        Assert.Equal(0x60, uart.In(LineStatus));
    }

    [Fact]
    public void In_loopback_the_transmitter_feeds_the_receiver_and_nothing_else_does()
    {
        uart.Out(ModemControl, 0x1B);
        uart.Out(InterruptEnable, 0x01);

        uart.Out(Data, 0x5A);
        Assert.True(irq.Level);
        Assert.Equal(0, uart.Receive("a"u8));
        Assert.Equal(0x5A, uart.In(Data));
        Assert.Empty(backend.Sent);
    }

    [Fact]
    public void In_loopback_the_modem_outputs_are_the_modem_inputs()
    {
        uart.Out(ModemControl, 0x10);
        uart.In(ModemStatus);

        uart.Out(ModemControl, 0x12);
        Assert.Equal(0x11, uart.In(ModemStatus));
        uart.Out(ModemControl, 0x11);
        Assert.Equal(0x23, uart.In(ModemStatus));
        uart.Out(ModemControl, 0x14);
        Assert.Equal(0x42, uart.In(ModemStatus));
        uart.Out(ModemControl, 0x18);
        Assert.Equal(0x8C, uart.In(ModemStatus));
        Assert.Equal(0x80, uart.In(ModemStatus));
    }

    [Fact]
    public void A_full_FIFO_loses_the_newest_byte_and_reports_an_overrun_once()
    {
        uart.Out(FifoControl, 0x01);
        uart.Out(ModemControl, 0x1B);
        uart.Out(InterruptEnable, 0x04);
        for (int i = 0; i < 17; i++)
        {
            uart.Out(Data, i);
        }

        Assert.Equal(0xC6, uart.In(InterruptIdentification));
        Assert.Equal(0x63, uart.In(LineStatus));
        Assert.Equal(0x61, uart.In(LineStatus));
        Assert.False(irq.Level);
        Assert.Equal(Enumerable.Range(0, 16), Enumerable.Range(0, 16).Select(_ => (int)uart.In(Data)));
        Assert.Equal(0x60, uart.In(LineStatus));
    }

    [Fact]
    public void Without_the_FIFO_an_overrun_loses_the_older_byte()
    {
        uart.Out(ModemControl, 0x1B);
        uart.Out(Data, 1);
        uart.Out(Data, 2);

        Assert.Equal(0x63, uart.In(LineStatus));
        Assert.Equal(2, uart.In(Data));
    }

    [Fact]
    public void An_error_is_shown_when_its_character_comes_to_the_top_of_the_FIFO()
    {
        uart.Out(FifoControl, 0x01);
        uart.Receive("a"u8);
        uart.ReceiveErroneous(0, parityError: false, framingError: false, isBreak: true);
        uart.Receive("b"u8);

        Assert.Equal(0xE1, uart.In(LineStatus));
        uart.In(Data);
        Assert.Equal(0xF1, uart.In(LineStatus));
        Assert.Equal(0x61, uart.In(LineStatus));
        Assert.Equal(0, uart.In(Data));
        Assert.Equal((byte)'b', uart.In(Data));
    }

    [Fact]
    public void A_change_of_a_modem_line_interrupts_until_the_status_is_read()
    {
        uart.In(ModemStatus);
        uart.Out(InterruptEnable, 0x08);
        uart.SetModemInputs(UartModemStatus.ClearToSend | UartModemStatus.RingIndicator);
        Assert.True(irq.Level);
        Assert.Equal(0x00, uart.In(InterruptIdentification));
        Assert.Equal(0x5A, uart.In(ModemStatus));
        Assert.False(irq.Level);

        uart.SetModemInputs(UartModemStatus.ClearToSend);
        Assert.Equal(0x14, uart.In(ModemStatus));
    }

    [Fact]
    public void Interrupts_are_identified_in_the_order_of_their_priority()
    {
        uart.In(ModemStatus);
        uart.Out(InterruptEnable, 0x0F);
        uart.SetModemInputs(UartModemStatus.None);
        uart.ReceiveErroneous((byte)'x', parityError: true, framingError: false, isBreak: false);

        Assert.Equal(0x06, uart.In(InterruptIdentification));
        Assert.Equal(0x65, uart.In(LineStatus));
        Assert.Equal(0x04, uart.In(InterruptIdentification));
        uart.In(Data);
        Assert.Equal(0x02, uart.In(InterruptIdentification));
        Assert.Equal(0x00, uart.In(InterruptIdentification));
        uart.In(ModemStatus);
        Assert.Equal(0x01, uart.In(InterruptIdentification));
        Assert.False(irq.Level);
    }

    [Fact]
    public void A_sender_on_another_thread_loses_nothing()
    {
        uart.Out(FifoControl, 0x01);
        byte[] sent = new byte[20_000];
        int seed = Random.Shared.Next();
        new Random(seed).NextBytes(sent);
        using var room = new AutoResetEvent(false);
        uart.ReceiveReady += () => room.Set();
        var sender = new Thread(() =>
        {
            int offset = 0;
            while (offset < sent.Length)
            {
                offset += uart.Receive(sent.AsSpan(offset));
                if (offset < sent.Length)
                {
                    room.WaitOne();
                }
            }
        })
        { IsBackground = true };
        sender.Start();

        var received = new List<byte>();
        var limit = System.Diagnostics.Stopwatch.StartNew();
        while (received.Count < sent.Length && limit.Elapsed < TimeSpan.FromSeconds(60))
        {
            if ((uart.In(LineStatus) & 1) != 0)
            {
                received.Add(uart.In(Data));
            }
            else
            {
                Thread.Yield();
            }
        }

        Assert.True(sent.AsSpan().SequenceEqual([.. received]), $"seed {seed}");
    }
}
