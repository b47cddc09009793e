using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>What the table of registers does not say; <see cref="FunctionRegisterTests"/> holds both windows against it.</summary>
public class DmaTestRegisterTests
{
    [Fact]
    public void Identity_and_capabilities_are_the_data_sheets()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        Assert.Equal(0xD3A71234, f.Config(0, 4));
        Assert.Equal(0xFF000001, f.Config(8, 4));
        Assert.Equal(0x11001AF4U, f.Config(0x2C, 4));
        Assert.Equal(1U, f.Config(0x3D, 1));
        Assert.Equal("DMAT"u8.ToArray(), board.Bytes(f.Window, 4));
        Assert.Equal(0x00800801UL, f.Read(DmaTestRegister.Capabilities));
    }

    [Fact]
    public void Both_windows_show_the_same_script()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        board.Ports.Write((ushort)(f.Port + (int)DmaTestRegister.ScriptIndex), 4, 510);
        foreach (var word in new uint[] { 0x11111111, 0x22222222, 0x33333333 })
        {
            board.Ports.Write((ushort)(f.Port + (int)DmaTestRegister.ScriptData), 4, word);
        }

        Assert.Equal(1UL, f.Read(DmaTestRegister.ScriptIndex));
        Assert.Equal(0x2222222211111111UL, board.Load(f.Window + 0xFF8, 8));
        Assert.Equal(0x33333333UL, board.Load(f.Window + 0x800));

        board.Store(f.Window + 0x805, 0xABCD, 2);
        Assert.Equal(0xABCD00UL, f.Read(DmaTestRegister.ScriptData));
        Assert.Equal(2UL, f.Read(DmaTestRegister.ScriptIndex));
        f.Write(DmaTestRegister.ScriptIndex, 1);
        Assert.Equal(0x00UL, f.Read(DmaTestRegister.ScriptData, 1));
        Assert.Equal(1UL, f.Read(DmaTestRegister.ScriptIndex));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void The_script_is_memory_at_every_size_and_alignment(int size)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        var random = new Random(size);
        var model = new byte[2048];
        for (var i = 0; i < 3000; i++)
        {
            var offset = random.Next(2048 - size + 1);
            var value = (ulong)random.NextInt64();
            board.Memory.Write(f.Window + 0x800 + (ulong)offset, size, value);
            BitConverter.GetBytes(value).AsSpan(0, size).CopyTo(model.AsSpan(offset));
        }

        Assert.Equal(model, board.Bytes(f.Window + 0x800, 2048));
    }

    [Fact]
    public void Only_the_lowest_byte_of_the_doorbell_rings()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        board.Memory.Write(f.Window + (ulong)DmaTestRegister.Doorbell + 1, 1, 0);
        board.Memory.Write(f.Window + (ulong)DmaTestRegister.Doorbell + 2, 2, 0);
        Assert.Equal(0UL, f.Read(DmaTestRegister.Sequence));
        board.Ports.Write((ushort)(f.Port + (int)DmaTestRegister.Doorbell), 1, 0);
        f.WaitForEnd();
        Assert.Equal((1UL, DmaTestState.Done), (f.Read(DmaTestRegister.Sequence), f.State));
    }

    [Fact]
    public void Between_registers_and_script_there_is_nothing()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        Assert.Equal(BusStatus.InvalidRegister, board.Memory.Read(f.Window + 0x100, 4, out _));
        Assert.Equal(BusStatus.InvalidRegister, board.Memory.Read(f.Window + 0x7FC, 4, out _));
        Assert.Equal(BusStatus.InvalidRegister, board.Memory.Write(f.Window + 0x400, 4, 0));
    }
}
