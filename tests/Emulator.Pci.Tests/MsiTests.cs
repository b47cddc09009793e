using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed class MsiTests : IDisposable
{
    private const int Slot = 3;
    private const uint Enable = MsiCapability.Enable;
    private readonly TestBoard _board = new();
    private readonly MessageWindow _window;

    public MsiTests() => _window = MessageWindow.On(_board.Memory);

    public void Dispose() => _board.Dispose();

    [Theory]
    [InlineData(1, true, 0x0180U, 0x00000001U)]
    [InlineData(4, true, 0x0184U, 0x0000000FU)]
    [InlineData(32, true, 0x018AU, 0xFFFFFFFFU)]
    [InlineData(8, false, 0x0086U, 0U)]
    public void The_capability_says_what_the_function_has(int vectors, bool masks, uint control, uint maskable)
    {
        var msi = Add(out _, vectors, masks);
        Assert.Equal(vectors, msi.Vectors);
        Assert.Equal(0x05U, Config(0, 1));
        Assert.Equal(control, Config(MsiCapability.Control, 2));
        for (var offset = 2; offset < 0x18; offset += 2)
        {
            SetConfig(offset, 2, 0xFFFF);
        }

        Assert.Equal(control | 0x71, Config(MsiCapability.Control, 2));
        Assert.Equal(0xFFFFFFFC, Config(MsiCapability.AddressLow, 4));
        Assert.Equal(0xFFFFFFFF, Config(MsiCapability.AddressHigh, 4));
        Assert.Equal(0xFFFFU, Config(MsiCapability.Data, 4));
        Assert.Equal(maskable, Config(MsiCapability.MaskBits, 4));
        Assert.Equal(0U, Config(MsiCapability.PendingBits, 4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(-1)]
    public void A_function_has_no_other_number_of_messages(int vectors) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithMsi(vectors, true, out _));

    [Fact]
    public void A_signal_sends_the_message_only_while_enabled()
    {
        var msi = Add(out _);
        Program(0xFEE01000, 0x41, 0);
        Assert.False(msi.Signal(0));
        Assert.Empty(_window.Take());
        SetConfig(MsiCapability.Control, 2, Enable);
        Assert.True(msi.IsEnabled);
        Assert.True(msi.Signal(0));
        Assert.Equal([(0xFEE01000UL, 0x41U)], _window.Take());
    }

    [Fact]
    public void The_vector_is_in_as_many_low_bits_of_the_data_as_were_allocated()
    {
        var msi = Add(out _, 8);
        Program(0xFEE00000, 0x47, Enable | (2 << 4));
        Assert.Equal(4, msi.Allocated);
        for (var vector = 0; vector < 8; vector++)
        {
            Assert.True(msi.Signal(vector));
        }

        Assert.Equal([0x44U, 0x45U, 0x46U, 0x47U, 0x44U, 0x45U, 0x46U, 0x47U], _window.Take().Select(message => message.Data));
        SetConfig(MsiCapability.Control, 2, Enable | (7 << 4));
        Assert.Equal(8, msi.Allocated);
        Assert.True(msi.Signal(8));
        Assert.True(msi.Signal(-1));
        Assert.Empty(_window.Take());
    }

    [Fact]
    public void A_masked_message_is_pending_and_sent_once_when_it_is_unmasked()
    {
        var msi = Add(out _, 4);
        Program(0xFEE00000, 0x40, Enable | (2 << 4));
        SetConfig(MsiCapability.MaskBits, 4, 0b0110);
        Assert.True(msi.Signal(1));
        Assert.True(msi.Signal(1));
        Assert.True(msi.Signal(2));
        Assert.True(msi.Signal(3));
        Assert.Equal([0x43U], _window.Take().Select(message => message.Data));
        Assert.Equal(0b0110U, Config(MsiCapability.PendingBits, 4));
        msi.Withdraw(2);
        SetConfig(MsiCapability.MaskBits, 1, 0);
        Assert.Equal([0x41U], _window.Take().Select(message => message.Data));
        Assert.Equal(0U, Config(MsiCapability.PendingBits, 4));
        SetConfig(MsiCapability.MaskBits, 1, 0);
        Assert.Empty(_window.Take());
    }

    [Fact]
    public void What_is_pending_waits_while_the_capability_is_disabled()
    {
        var msi = Add(out _);
        Program(0xFEE00000, 0x40, Enable);
        SetConfig(MsiCapability.MaskBits, 4, 1);
        msi.Signal(0);
        SetConfig(MsiCapability.Control, 2, 0);
        SetConfig(MsiCapability.MaskBits, 4, 0);
        Assert.Empty(_window.Take());
        SetConfig(MsiCapability.Control, 2, Enable);
        Assert.Single(_window.Take());
    }

    [Fact]
    public void The_pin_is_silent_while_messages_are_enabled_and_its_status_bit_is_not()
    {
        Add(out var function);
        FirmwareSetup.Run(_board.HostBridge);
        function.Interrupt.Set(true);
        Assert.Single(_board.Isa, wire => wire.Level);
        SetConfig(MsiCapability.Control, 2, Enable);
        Assert.DoesNotContain(_board.Isa, wire => wire.Level);
        Assert.Equal(8U, _board.Config(TestBoard.DevFn(Slot), PciRegister.Status, 2) & 8);
        SetConfig(MsiCapability.Control, 2, 0);
        Assert.Single(_board.Isa, wire => wire.Level);
    }

    [Fact]
    public void A_message_is_a_DMA_write_and_needs_bus_mastering()
    {
        var msi = Add(out var function);
        Program(0xFEE00000, 0x40, Enable);
        _board.SetConfig(TestBoard.DevFn(Slot), PciRegister.Command, 2, 0);
        Assert.True(msi.Signal(0));
        Assert.Empty(_window.Take());
        Assert.Equal(1, function.RefusedDma(DmaStatus.NotBusMaster));
    }

    [Fact]
    public void A_message_may_be_led_into_RAM_but_into_no_register()
    {
        var msi = Add(out var function);
        Program(0x1000, 0x40, Enable);
        msi.Signal(0);
        Assert.Equal(0x40U, _board.Load(0x1000));
        _board.Memory.AddMmio("registers", 0xFD000000, 0x1000, new Constant(0));
        Program(0xFD000000, 0x40, Enable);
        msi.Signal(0);
        Assert.Equal(1, function.RefusedDma(DmaStatus.Registers));
        Program(0x8000000000, 0x40, Enable);
        msi.Signal(0);
        Assert.Equal(1, function.RefusedDma(DmaStatus.Unassigned));
    }

    [Fact]
    public void A_reset_disables_and_forgets()
    {
        var msi = Add(out _);
        Program(0xFEE00000, 0x40, Enable);
        SetConfig(MsiCapability.MaskBits, 4, 1);
        msi.Signal(0);
        _board.Bus.Reset();
        Assert.False(msi.Signal(0));
        Assert.Equal((0U, 0U), (Config(MsiCapability.MaskBits, 4), Config(MsiCapability.PendingBits, 4)));
        Program(0xFEE00000, 0x40, Enable);
        Assert.Empty(_window.Take());
    }

    private MsiCapability Add(out TestFunction function, int vectors = 1, bool masks = true)
    {
        function = _board.Add(new TestFunction(pin: 1).WithMsi(vectors, masks, out var msi), Slot);
        _board.SetConfig(TestBoard.DevFn(Slot), PciRegister.Command, 2, (uint)PciCommand.BusMaster);
        return msi;
    }

    private void Program(ulong address, uint data, uint control)
    {
        _board.SetConfig(TestBoard.DevFn(Slot), PciRegister.Command, 2, (uint)PciCommand.BusMaster);
        SetConfig(MsiCapability.AddressLow, 4, (uint)address);
        SetConfig(MsiCapability.AddressHigh, 4, (uint)(address >> 32));
        SetConfig(MsiCapability.Data, 2, data);
        SetConfig(MsiCapability.Control, 2, control);
    }

    private uint Config(int offset, int size) => _board.Config(TestBoard.DevFn(Slot), 0x40 + offset, size);

    private void SetConfig(int offset, int size, uint value) => _board.SetConfig(TestBoard.DevFn(Slot), 0x40 + offset, size, value);
}
