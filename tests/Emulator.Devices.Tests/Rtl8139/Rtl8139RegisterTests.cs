namespace Emulator.Devices.Tests.Rtl8139;

public sealed class Rtl8139RegisterTests
{
    public static TheoryData<Rtl8139Variant> Variants => Rtl8139Board.Variants;

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_memory_window_is_as_the_table_says(Rtl8139Variant variant)
    {
        using var board = new Rtl8139Board(variant);
        RegisterSweep.Check(
            Rtl8139Registers.Table(variant, Rtl8139Board.Station),
            Rtl8139Registers.Length,
            (ulong offset, int size, out ulong value) => board.Nic.Memory.Read(board.Window + offset, size, out value),
            (offset, size, value) => board.Nic.Memory.Write(board.Window + offset, size, value),
            board.Reload);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_port_window_is_as_the_table_says(Rtl8139Variant variant)
    {
        using var board = new Rtl8139Board(variant);
        RegisterSweep.Check(
            Rtl8139Registers.Table(variant, Rtl8139Board.Station),
            Rtl8139Registers.Length,
            (ulong offset, int size, out ulong value) => board.Nic.Ports.Read((ushort)(board.Ports + offset), size, out value),
            (offset, size, value) => board.Nic.Ports.Write((ushort)(board.Ports + offset), size, value),
            board.Reload,
            widest: 4);
    }

    [Theory]
    [InlineData(Rtl8139Variant.C, 0x10, 0x7400_0000)]
    [InlineData(Rtl8139Variant.CPlus, 0x20, 0x7480_0000)]
    public void Drivers_know_the_part_by_revision_and_version(Rtl8139Variant variant, uint revision, ulong version)
    {
        using var board = new Rtl8139Board(variant);
        Assert.Equal(0x8139_10ECU, board.Nic.Config(0, 4));
        Assert.Equal(0x0200_0000U | revision, board.Nic.Config(8, 4));
        Assert.Equal(1U, board.Nic.Config(0x3D, 1));
        Assert.Equal(revision, board.Read(Rtl8139Register.Revision, 1));
        Assert.Equal(version, board.Read(Rtl8139Register.TransmitConfiguration) & 0x7CC0_0000);
    }

    /// <summary>iPXE writes C+CR and looks whether it holds; where there is none it must not.</summary>
    [Theory]
    [InlineData(Rtl8139Variant.C, 0xFFFF)]
    [InlineData(Rtl8139Variant.CPlus, 0x000B)]
    public void Only_the_part_that_has_C_plus_mode_keeps_its_command(Rtl8139Variant variant, ulong expected)
    {
        using var board = new Rtl8139Board(variant);
        board.Write(Rtl8139Register.CPlusCommand, 0x000B, 2);
        Assert.Equal(expected, board.Read(Rtl8139Register.CPlusCommand, 2));
    }

    [Fact]
    public void What_9346CR_locks_changes_only_in_its_mode_for_that()
    {
        using var board = new Rtl8139Board();
        (Rtl8139Register Register, int Size, ulong Written, ulong Expected)[] locked =
        [
            (Rtl8139Register.Address, 4, 0x4433_2211, 0x4433_2211),
            (Rtl8139Register.Config0, 1, 0xFF, 0),
            (Rtl8139Register.Config1, 1, 0x20, 0x2C),
            (Rtl8139Register.Config3, 1, 0xFF, 0x71),
            (Rtl8139Register.Config4, 1, 0xFF, 0xF5),
            (Rtl8139Register.BasicModeControl, 2, 0, 0),
        ];
        foreach (var (register, size, written, expected) in locked)
        {
            var before = board.Read(register, size);
            board.Write(register, written, size);
            Assert.Equal(before, board.Read(register, size));
            board.Unlock();
            board.Write(register, written, size);
            Assert.Equal(expected, board.Read(register, size));
            board.Lock();
        }
    }

    [Fact]
    public void A_reset_by_CR_leaves_addresses_and_configuration_alone()
    {
        using var board = Rtl8139Board.Started();
        board.Unlock();
        board.Write(Rtl8139Register.Address, 0x4433_2211);
        board.Write(Rtl8139Register.Config1, 0x20, 1);
        board.Write(Rtl8139Register.MulticastFilter, 0x1122_3344);
        board.Write(Rtl8139Register.InterruptMask, 0xFFFF, 2);
        board.Transmit(0, Frames.Broadcast(60));
        Assert.True(board.Nic.Interrupts);

        board.Write(Rtl8139Register.Command, (ulong)Rtl8139Command.Reset, 1);
        Assert.Equal(0x4433_2211UL, board.Read(Rtl8139Register.Address));
        Assert.Equal(0x2CUL, board.Read(Rtl8139Register.Config1, 1));
        Assert.Equal(0x1122_3344UL, board.Read(Rtl8139Register.MulticastFilter));
        Assert.Equal(0x01UL, board.Read(Rtl8139Register.Command, 1));
        Assert.Equal(0UL, board.Read(Rtl8139Register.InterruptStatus, 2));
        Assert.Equal(0UL, board.Read(Rtl8139Register.InterruptMask, 2));
        Assert.Equal(0x2000UL, board.Read(Rtl8139Register.TransmitStatus));
        Assert.Equal(0UL, board.Read(Rtl8139Register.ReceiveConfiguration));
        Assert.False(board.Nic.Interrupts);
    }

    [Fact]
    public void The_EEPROM_has_the_address_and_a_driver_reads_it_by_its_pins()
    {
        using var board = new Rtl8139Board();
        Assert.Equal([0x8129, 0x10EC, 0x8139], [ReadEeprom(board, 0), ReadEeprom(board, 1), ReadEeprom(board, 2)]);
        Span<byte> address = stackalloc byte[6];
        for (var i = 0; i < 3; i++)
        {
            BitConverter.TryWriteBytes(address[(i * 2)..], (ushort)ReadEeprom(board, 7 + i));
        }

        Assert.Equal(Rtl8139Board.Station, MacAddress.Read(address));

        // As 8139too finds out that the EEPROM is the small one.
        Assert.NotEqual(0x8129, ReadEeprom(board, 0, addressBits: 8));
    }

    [Fact]
    public void An_address_written_into_the_EEPROM_is_the_stations_once_it_is_loaded()
    {
        using var board = new Rtl8139Board();
        Shift(board, 0b100_11_0000, 9);
        Shift(board, (0b101_000111 << 16) | 0xBBAA, 25);
        Assert.NotEqual(0xBBAAUL, board.Read(Rtl8139Register.Address, 2));
        board.Reload();
        Assert.Equal(0xBBAAUL, board.Read(Rtl8139Register.Address, 2));
        Assert.Equal(0UL, board.Read(Rtl8139Register.EepromCommand, 1));
    }

    [Fact]
    public void The_software_interrupt_interrupts()
    {
        using var board = new Rtl8139Board(Rtl8139Variant.CPlus);
        board.Write(Rtl8139Register.InterruptMask, (ulong)Rtl8139Cause.Software, 2);
        board.Write(Rtl8139Register.TransmitPoll, 1, 1);
        Assert.True(board.Nic.Interrupts);
        Assert.Equal(Rtl8139Cause.Software, board.Causes);
        board.Write(Rtl8139Register.InterruptStatus, (ulong)Rtl8139Cause.Software, 2);
        Assert.False(board.Nic.Interrupts);
    }

    private static int ReadEeprom(Rtl8139Board board, int word, int addressBits = 6)
    {
        Shift(board, (0b110 << addressBits) | word, addressBits + 3, deselect: false);
        var value = 0;
        for (var i = 0; i < 16; i++)
        {
            Pins(board, Rtl8139EepromCommand.Clock);
            value = (value << 1) | (int)(board.Read(Rtl8139Register.EepromCommand, 1) & 1);
            Pins(board, 0);
        }

        board.Lock();
        return value;
    }

    private static void Shift(Rtl8139Board board, int bits, int count, bool deselect = true)
    {
        Pins(board, 0);
        for (var i = count - 1; i >= 0; i--)
        {
            var data = ((bits >> i) & 1) != 0 ? Rtl8139EepromCommand.DataIn : 0;
            Pins(board, data);
            Pins(board, data | Rtl8139EepromCommand.Clock);
        }

        Pins(board, 0);
        if (deselect)
        {
            board.Lock();
        }
    }

    private static void Pins(Rtl8139Board board, Rtl8139EepromCommand pins) =>
        board.Write(Rtl8139Register.EepromCommand, (ulong)(Rtl8139EepromCommand.Program | Rtl8139EepromCommand.Select | pins), 1);
}
