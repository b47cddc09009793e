using Emulator.Memory;

namespace Emulator.Devices.Tests;

public class IoApicTests
{
    private const uint Masked = 0x10000;
    private const uint Level = 0x8000;
    private const uint RemoteRequest = 0x4000;
    private const uint ActiveLow = 0x2000;

    private readonly Messages messages = new();
    private readonly IoApic chip;

    public IoApicTests() => chip = new IoApic(messages);

    [Fact]
    public void After_power_up_it_says_what_it_is_and_has_every_input_masked()
    {
        Assert.Equal(0u, Read(0));
        Assert.Equal(0x0017_0020u, Read(1));
        for (int pin = 0; pin < IoApic.Pins; pin++)
        {
            Assert.Equal((Masked, 0u), (Read(0x10 + (2 * pin)), Read(0x11 + (2 * pin))));
        }

        Assert.Equal(0u, Read(0x40));
        Assert.Equal(0u, Read(0xFF));
    }

    [Fact]
    public void The_id_keeps_four_bits_and_arbitration_shows_them()
    {
        Write(0, 0xFFFF_FFFF);
        Assert.Equal((0x0F00_0000u, 0x0F00_0000u), (Read(0), Read(2)));
    }

    [Fact]
    public void An_entry_keeps_all_but_its_read_only_bits()
    {
        Write(0x10, 0xFFFF_FFFF);
        Write(0x11, 0xFFFF_FFFF);
        Assert.Equal((0x0001_AFFFu, 0xFF00_0000u), (Read(0x10), Read(0x11)));
    }

    [Theory]
    [InlineData(0x0000_0041u, 0x0200_0000u, 0xFEE0_2000UL, 0x0000_0041u)]
    [InlineData(0x0000_0941u, 0xFF00_0000u, 0xFEEF_F004UL, 0x0000_0141u)]
    [InlineData(0x0000_0400u, 0x0000_0000u, 0xFEE0_0000UL, 0x0000_0400u)]
    [InlineData(0x0000_A041u, 0x0100_0000u, 0xFEE0_1000UL, 0x0000_C041u)]
    public void An_interrupt_is_a_message_in_the_format_of_PCI(uint low, uint high, ulong address, uint data)
    {
        Entry(5, low, high);
        chip.Input(5).Set(true);
        Assert.Equal([(address, data)], messages.Sent);
    }

    [Fact]
    public void Each_edge_is_one_message()
    {
        Entry(4, 0x41);
        chip.Input(4).Set(true);
        chip.Input(4).Set(true);
        chip.Input(4).Set(false);
        chip.Input(4).Set(true);
        chip.EndOfInterrupt(0x41);
        Assert.Equal(2, messages.Sent.Count);
    }

    [Fact]
    public void An_edge_at_a_masked_input_is_lost()
    {
        Entry(4, Masked | 0x41);
        chip.Input(4).Set(true);
        Entry(4, 0x41);
        Assert.Empty(messages.Sent);
    }

    [Fact]
    public void A_level_is_sent_again_after_its_end_for_as_long_as_it_lasts()
    {
        Entry(10, Level | ActiveLow | 0x51);
        chip.Input(10).Set(true);
        Assert.Equal(Level | ActiveLow | RemoteRequest | 0x51, Read(0x10 + 20));
        chip.Input(10).Set(false);
        chip.Input(10).Set(true);
        chip.EndOfInterrupt(0x52);
        Assert.Single(messages.Sent);
        chip.EndOfInterrupt(0x51);
        Assert.Equal(2, messages.Sent.Count);
        chip.Input(10).Set(false);
        chip.EndOfInterrupt(0x51);
        Assert.Equal(2, messages.Sent.Count);
        Assert.Equal(Level | ActiveLow | 0x51, Read(0x10 + 20));
    }

    [Fact]
    public void The_register_ends_an_interrupt_as_the_message_does()
    {
        Entry(10, Level | 0x51);
        chip.Input(10).Set(true);
        Assert.Equal(BusStatus.Ok, chip.Write(0x40, 4, 0x51));
        Assert.Equal(2, messages.Sent.Count);
    }

    [Fact]
    public void Two_inputs_may_share_a_vector_and_both_ask_again()
    {
        Entry(10, Level | 0x51);
        Entry(11, Level | 0x51);
        chip.Input(10).Set(true);
        chip.Input(11).Set(true);
        chip.EndOfInterrupt(0x51);
        Assert.Equal(4, messages.Sent.Count);
    }

    [Fact]
    public void A_level_at_a_masked_input_comes_when_it_is_unmasked_once()
    {
        Entry(10, Masked | Level | 0x51);
        chip.Input(10).Set(true);
        Assert.Empty(messages.Sent);
        Entry(10, Level | 0x51);
        Entry(10, Masked | Level | 0x51);
        Entry(10, Level | 0x51);
        Assert.Single(messages.Sent);
    }

    [Fact]
    public void Switching_to_edge_and_back_forgets_an_end_that_never_came()
    {
        Entry(10, Level | 0x51);
        chip.Input(10).Set(true);
        Entry(10, Masked | 0x51);
        Assert.Equal(Masked | 0x51, Read(0x10 + 20));
        Entry(10, Level | 0x51);
        Assert.Equal(2, messages.Sent.Count);
    }

    [Fact]
    public void A_level_without_a_vector_waits_for_no_end()
    {
        Entry(10, Level | 0x400);
        chip.Input(10).Set(true);
        chip.Input(10).Set(false);
        chip.Input(10).Set(true);
        Assert.Equal(2, messages.Sent.Count);
    }

    [Fact]
    public void A_reset_masks_everything_and_keeps_the_levels()
    {
        Entry(10, Level | 0x51);
        chip.Input(10).Set(true);
        chip.Reset();
        Assert.Equal(Masked, Read(0x10 + 20));
        Entry(10, Level | 0x52);
        Assert.Equal(0xC052u, messages.Sent[^1].Data);
    }

    [Theory]
    [InlineData(0x00, 8, BusStatus.InvalidSize)]
    [InlineData(0x00, 1, BusStatus.Ok)]
    [InlineData(0x10, 1, BusStatus.InvalidSize)]
    [InlineData(0x10, 8, BusStatus.InvalidSize)]
    [InlineData(0x40, 2, BusStatus.InvalidSize)]
    [InlineData(0x11, 1, BusStatus.InvalidRegister)]
    [InlineData(0x20, 4, BusStatus.InvalidRegister)]
    [InlineData(0xFFC, 4, BusStatus.InvalidRegister)]
    public void Other_accesses_are_refused(ulong offset, int size, BusStatus expected)
    {
        Assert.Equal(expected, chip.Read(offset, size, out _));
        Assert.Equal(expected, chip.Write(offset, size, 0xFFFF_FFFF));
        Assert.Empty(messages.Sent);
    }

    [Fact]
    public async Task Every_rise_of_concurrent_inputs_is_sent()
    {
        const int Rounds = 10_000;
        for (int pin = 0; pin < 4; pin++)
        {
            Entry(pin, 0x40 + (uint)pin);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(pin => Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                chip.Input(pin).Set(true);
                chip.Input(pin).Set(false);
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(4 * Rounds, messages.Sent.Count);
    }

    private void Entry(int pin, uint low, uint high = 0)
    {
        Write(0x11 + (2 * pin), high);
        Write(0x10 + (2 * pin), low);
    }

    private uint Read(int index)
    {
        chip.Write(0, 4, (ulong)index);
        Assert.Equal(BusStatus.Ok, chip.Read(0x10, 4, out ulong value));
        return (uint)value;
    }

    private void Write(int index, uint value)
    {
        chip.Write(0, 4, (ulong)index);
        Assert.Equal(BusStatus.Ok, chip.Write(0x10, 4, value));
    }

    // Called under the chip's lock, so it needs none.
    private sealed class Messages : IMessageTarget
    {
        public List<(ulong Address, uint Data)> Sent { get; } = [];

        public void Message(ulong address, uint data) => Sent.Add((address, data));
    }
}
