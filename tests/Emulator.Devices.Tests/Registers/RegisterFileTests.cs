using Emulator.Fuzz;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>A register file does what its table says.</summary>
public sealed class RegisterFileTests : IRegisterBehaviour<RegisterFileTests.Register>
{
    private readonly RegisterFile<Register> _file;
    private readonly List<(Register Register, ulong Written, ulong Lanes)> _writes = [];

    public RegisterFileTests() => _file = new RegisterFile<Register>(0x20, Table, this);

    /// <summary>Offsets.</summary>
    public enum Register : ushort
    {
        Byte = 0x00,
        Word = 0x02,
        Dword = 0x04,
        Causes = 0x08,
        Latched = 0x0C,
        Wide = 0x10,
        Several = 0x18,
    }

    private static RegisterSpec<Register>[] Table =>
    [
        new(Register.Byte, 1) { Reset = 0x5A, Writable = 0x0F },
        new(Register.Word, 2) { Reset = 0x1234 },
        new(Register.Dword) { Writable = 0xFFFFFFFF },
        new(Register.Causes) { Reset = 0xFFFF00FF, ClearedByOne = 0x0000FFFF },
        new(Register.Latched) { Reset = 0x01020304, ClearedByReading = 0x00FFFFFF },
        new(Register.Wide, 8) { Writable = ulong.MaxValue },
        new(Register.Several, 2) { Writable = 0xFFFF, Count = 3 },
    ];

    [Fact]
    public void A_reset_puts_every_register_back()
    {
        _file.Write(0, 8, ulong.MaxValue);
        _file.Write(0x18, 4, ulong.MaxValue);
        _file.Reset();
        foreach (var spec in _file.Table)
        {
            Assert.Equal(spec.Reset, _file[spec.Register]);
        }
    }

    [Fact]
    public void Only_writable_bits_of_the_lanes_written_change()
    {
        Assert.Equal(BusStatus.Ok, _file.Write(0, 1, 0xFF));
        Assert.Equal(0x5FUL, _file[Register.Byte]);
        Assert.Equal(BusStatus.Ok, _file.Write(5, 2, 0xABCD));
        Assert.Equal(0x00ABCD00UL, _file[Register.Dword]);
        Assert.Equal((Register.Dword, 0x00ABCD00UL, 0x00FFFF00UL), _writes[^1]);
    }

    [Fact]
    public void An_access_reaches_each_register_it_covers_and_passes_over_the_rest()
    {
        Assert.Equal(BusStatus.Ok, _file.Read(0, 8, out var value));
        Assert.Equal(0x00000000_1234_FF_5AUL, value);
        _writes.Clear();
        Assert.Equal(BusStatus.Ok, _file.Write(0, 8, 0x11111111_2222_33_01));
        Assert.Equal([Register.Byte, Register.Word, Register.Dword], _writes.Select(write => write.Register));
        Assert.Equal((0x51UL, 0x1234UL, 0x11111111UL), (_file[Register.Byte], _file[Register.Word], _file[Register.Dword]));
    }

    [Fact]
    public void Where_there_is_no_register_reads_give_ones()
    {
        Assert.Equal(BusStatus.InvalidRegister, _file.Read(1, 1, out var value));
        Assert.Equal(0xFFUL, value);
        Assert.Equal(BusStatus.InvalidRegister, _file.Read(0x1E, 8, out value));
        Assert.Equal(ulong.MaxValue, value);
        Assert.Equal(BusStatus.InvalidRegister, _file.Write(0x1000, 4, 0));
        Assert.Equal(BusStatus.Ok, _file.Read(0x1C, 4, out value));
        Assert.Equal(0xFFFF0000, value);
    }

    [Fact]
    public void A_one_clears_where_the_table_says_so()
    {
        _file.Write(8, 1, 0x0F);
        Assert.Equal(0xFFFF00F0UL, _file[Register.Causes]);
        _file.Write(8, 4, 0xFFFFFFFF);
        Assert.Equal(0xFFFF0000UL, _file[Register.Causes]);
    }

    [Fact]
    public void Reading_clears_where_the_table_says_so_in_the_lanes_read()
    {
        Assert.Equal(BusStatus.Ok, _file.Read(0x0D, 1, out var value));
        Assert.Equal((0x03UL, 0x01020004UL), (value, _file[Register.Latched]));
        _file.Read(0x0C, 4, out value);
        Assert.Equal((0x01020004UL, 0x01000000UL), (value, _file[Register.Latched]));
    }

    [Fact]
    public void Registers_are_named_for_traces()
    {
        Assert.Equal("Dword", _file.NameAt(6));
        Assert.Equal("Several", _file.NameAt(0x18));
        Assert.Equal("Several+2", _file.NameAt(0x1D));
        Assert.Equal("reserved 1", _file.NameAt(1));
    }

    [Fact]
    public void A_table_that_contradicts_itself_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new RegisterFile<Register>(8, [new(Register.Word, 4), new(Register.Dword)], this));
        Assert.Throws<ArgumentException>(() => new RegisterFile<Register>(8, [new(Register.Byte, 1) { Writable = 0x100 }], this));
        Assert.Throws<ArgumentException>(() => new RegisterFile<Register>(8, [new(Register.Byte, 1) { Writable = 1, ClearedByOne = 1 }], this));
    }

    [Fact]
    public void The_file_is_swept() =>
        RegisterSweep.Check(RegisterWindow.Of<Register>(0, _file.Length, Table), _file.Read, _file.Write, _file.Reset);

    [Fact]
    public void A_table_that_says_something_else_in_one_bit_does_not_pass_the_sweep()
    {
        foreach (var row in RegisterWindow.Of<Register>(0, _file.Length, Table).Rows)
        {
            var bit = 1UL << ((row.Size * 8) - 1);
            CheckFails(row with { Reset = row.Reset ^ bit });
            CheckFails(row with { Writable = row.Writable ^ bit });
            CheckFails(row with { ClearedByReading = row.ClearedByReading ^ bit, Reset = row.Reset | bit });
        }

        CheckFails(new RegisterRow("none", 0x1E, 2, 0, 0, 0, 0, false));
    }

    private void CheckFails(RegisterRow wrong)
    {
        RegisterRow[] rows = [.. RegisterWindow.Of<Register>(0, _file.Length, Table).Rows.Where(row => row.Offset != wrong.Offset), wrong];
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => RegisterSweep.Check(new RegisterWindow(0, _file.Length, rows, 8), _file.Read, _file.Write, _file.Reset));
    }

    ulong IRegisterBehaviour<Register>.ReadRegister(Register register, ulong value, ulong lanes) => value;

    void IRegisterBehaviour<Register>.WriteRegister(Register register, ulong written, ulong lanes) => _writes.Add((register, written, lanes));
}
