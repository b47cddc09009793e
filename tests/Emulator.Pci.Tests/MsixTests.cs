using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed class MsixTests : IDisposable
{
    private const int Slot = 3;
    private const ulong Window = 0xE0000000;
    private const uint Enable = MsixCapability.Enable;
    private const uint FunctionMask = MsixCapability.FunctionMask;
    private readonly TestBoard _board = new();
    private readonly MessageWindow _messages;

    public MsixTests() => _messages = MessageWindow.On(_board.Memory);

    public void Dispose() => _board.Dispose();

    [Theory]
    [InlineData(1, 0x1000UL, 0x800U)]
    [InlineData(128, 0x1000UL, 0x800U)]
    [InlineData(129, 0x2000UL, 0x1000U)]
    [InlineData(2048, 0x10000UL, 0x8000U)]
    public void The_capability_says_where_table_and_pending_bits_are(int vectors, ulong size, uint pending)
    {
        var msix = Add(vectors, out var function, bar: 2);
        Assert.Equal(vectors, msix.Vectors);
        Assert.Equal(size, function.Bars[0].Size);
        Assert.Equal(0x11U, Config(0, 1));
        Assert.Equal((uint)vectors - 1, Config(MsixCapability.Control, 2));
        Assert.Equal(2U, Config(MsixCapability.Table, 4));
        Assert.Equal(pending | 2, Config(MsixCapability.Pending, 4));
        SetConfig(MsixCapability.Control, 2, 0xFFFF);
        Assert.Equal(0xC000U | ((uint)vectors - 1), Config(MsixCapability.Control, 2));
        SetConfig(MsixCapability.Table, 4, 0xFFFFFFFF);
        Assert.Equal(2U, Config(MsixCapability.Table, 4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2049)]
    public void A_function_has_no_other_number_of_messages(int vectors) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithMsix(0, vectors, out _));

    [Fact]
    public void An_entry_is_masked_until_the_guest_unmasks_it()
    {
        var msix = Add(3, out _);
        Assert.Equal(1U, Read(12));
        Entry(1, 0xFEE02000, 0x51, masked: false);
        Assert.False(msix.Signal(1));
        SetConfig(MsixCapability.Control, 2, Enable);
        Assert.True(msix.Signal(1));
        Assert.True(msix.Signal(0));
        Assert.Equal([(0xFEE02000UL, 0x51U)], _messages.Take());
        Assert.Equal(1U, Read(0x800));
    }

    [Fact]
    public void A_pending_message_is_sent_once_by_either_mask()
    {
        var msix = Add(130, out _);
        SetConfig(MsixCapability.Control, 2, Enable | FunctionMask);
        foreach (var vector in new[] { 0, 63, 64, 129 })
        {
            Entry(vector, 0xFEE00000, (uint)vector, masked: vector == 64);
            msix.Signal(vector);
            msix.Signal(vector);
        }

        Assert.Empty(_messages.Take());
        Assert.Equal((1U, 0x80000000U, 1U, 0U, 2U), (Read(0x1000), Read(0x1004), Read(0x1008), Read(0x100C), Read(0x1010)));
        Assert.Equal(0x8000000000000001, ReadQword(0x1000));
        msix.Withdraw(63);
        SetConfig(MsixCapability.Control, 2, Enable);
        Assert.Equal([0U, 129U], _messages.Take().Select(message => message.Data));
        Assert.Equal(1U, Read(0x1008));
        Write(64 * 16 + 12, 4, 0);
        Assert.Equal([64U], _messages.Take().Select(message => message.Data));
        Write(64 * 16 + 12, 4, 0);
        SetConfig(MsixCapability.Control, 2, Enable);
        Assert.Empty(_messages.Take());
    }

    [Fact]
    public void Enabling_sends_what_was_left_pending()
    {
        var msix = Add(1, out _);
        Entry(0, 0xFEE00000, 7, masked: true);
        SetConfig(MsixCapability.Control, 2, Enable);
        msix.Signal(0);
        SetConfig(MsixCapability.Control, 2, 0);
        Entry(0, 0xFEE00000, 8, masked: false);
        Assert.Empty(_messages.Take());
        SetConfig(MsixCapability.Control, 2, Enable);
        Assert.Equal([8U], _messages.Take().Select(message => message.Data));
    }

    [Fact]
    public void Table_and_pending_bits_take_dwords_and_qwords_and_survive_the_rest()
    {
        Add(2, out _);
        Write(16, 8, 0x1122334455667788);
        Write(24, 8, 0xFFFFFFFE_99AABBCC);
        Assert.Equal((0x55667788U, 0x11223344U, 0x99AABBCCU, 0U), (Read(16), Read(20), Read(24), Read(28)));
        Assert.Equal(0x1122334455667788UL, ReadQword(16));
        for (ulong offset = 0; offset < 0x1000; offset++)
        {
            foreach (var size in new[] { 1, 2 })
            {
                _board.Memory.Read(Window + offset, size, out var ones);
                Assert.Equal((1UL << (size * 8)) - 1, ones);
                Write(offset, size, 0);
            }
        }

        Assert.Equal((0x55667788U, 0x11223344U, 0x99AABBCCU, 0U), (Read(16), Read(20), Read(24), Read(28)));
        Write(0x800, 4, 0xFFFFFFFF);
        Write(0x7FC, 8, ulong.MaxValue);
        Write(0xFF8, 8, ulong.MaxValue);
        Assert.Equal((0U, 0U, 0UL), (Read(0x800), Read(32), ReadQword(0xFF8)));
    }

    [Fact]
    public void A_vector_that_is_not_there_sends_nothing()
    {
        var msix = Add(1, out _);
        Entry(0, 0xFEE00000, 7, masked: false);
        Assert.False(msix.Signal(0xFFFF));
        SetConfig(MsixCapability.Control, 2, Enable);
        Assert.True(msix.Signal(0xFFFF));
        Assert.True(msix.Signal(-1));
        msix.Withdraw(0xFFFF);
        Assert.Empty(_messages.Take());
    }

    [Fact]
    public void The_pin_is_silent_while_messages_are_enabled()
    {
        Add(1, out var function);
        FirmwareSetup.Run(_board.HostBridge);
        SetConfig(MsixCapability.Control, 2, Enable | FunctionMask);
        function.Interrupt.Set(true);
        Assert.DoesNotContain(_board.Isa, wire => wire.Level);
        SetConfig(MsixCapability.Control, 2, FunctionMask);
        Assert.Single(_board.Isa, wire => wire.Level);
    }

    [Fact]
    public void A_reset_disables_and_masks_and_forgets()
    {
        var msix = Add(65, out _);
        Entry(64, 0xFEE00000, 7, masked: false);
        SetConfig(MsixCapability.Control, 2, Enable | FunctionMask);
        msix.Signal(64);
        _board.Bus.Reset();
        Assert.False(msix.Signal(64));
        Place();
        Assert.Equal((0U, 1U, 0UL), (Read(64 * 16), Read((64 * 16) + 12), ReadQword(0x808)));
        Entry(64, 0xFEE00000, 7, masked: false);
        SetConfig(MsixCapability.Control, 2, Enable);
        Assert.Empty(_messages.Take());
    }

    [Fact]
    public void A_message_sees_the_data_before_it_in_place()
    {
        var msix = Add(1, out var function);
        Entry(0, 0xFEE00000, 7, masked: false);
        SetConfig(MsixCapability.Control, 2, Enable);
        _board.Bus.DmaOrdering = DmaOrdering.Relaxed;
        uint seen = 0;
        _messages.Arrived = _ => seen = _board.Load(0x2000);
        function.Dma.Store(0x2000, 0x1234u);
        msix.Signal(0);
        Assert.Equal(0x1234U, seen);
    }

    private MsixCapability Add(int vectors, out TestFunction function, int bar = 0)
    {
        function = _board.Add(new TestFunction(pin: 1).WithMsix(bar, vectors, out var msix), Slot);
        if (bar == 0)
        {
            Place();
        }

        return msix;
    }

    private void Place()
    {
        _board.SetConfig(TestBoard.DevFn(Slot), PciRegister.BaseAddress0, 4, (uint)Window);
        _board.SetConfig(TestBoard.DevFn(Slot), PciRegister.Command, 2, (uint)(PciCommand.BusMaster | PciCommand.MemorySpace));
    }

    private void Entry(int vector, ulong address, uint data, bool masked)
    {
        var at = (ulong)vector * 16;
        Write(at, 8, address);
        Write(at + 8, 4, data);
        Write(at + 12, 4, masked ? 1U : 0U);
    }

    private void Write(ulong offset, int size, ulong value) => _board.Memory.Write(Window + offset, size, value);

    private uint Read(ulong offset) => _board.Load(Window + offset);

    private ulong ReadQword(ulong offset)
    {
        _board.Memory.Read(Window + offset, 8, out var value);
        return value;
    }

    private uint Config(int offset, int size) => _board.Config(TestBoard.DevFn(Slot), 0x40 + offset, size);

    private void SetConfig(int offset, int size, uint value) => _board.SetConfig(TestBoard.DevFn(Slot), 0x40 + offset, size, value);
}
