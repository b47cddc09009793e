namespace Emulator.Pci.Tests;

public sealed class ConfigSpaceTests
{
    [Fact]
    public void Bytes_words_and_dwords_see_the_same_registers()
    {
        var config = new ConfigSpace();
        config.Define(0x40, 4, 0x44332211, uint.MaxValue);
        Assert.Equal(0x22, config.ReadByte(0x41));
        Assert.Equal(0x4433, config.ReadWord(0x42));
        config.Write(0x41, 2, 0xAABB);
        Assert.Equal(0x44AABB11U, config.Read(0x40, 4));
        config.Write(0x43, 1, 0x99);
        Assert.Equal(0x99AABB11U, config.Read(0x40, 4));
    }

    [Fact]
    public void Writing_one_clears_only_the_bits_that_are_so_described()
    {
        var config = new ConfigSpace();
        config.Define(0x06, 2, 0xF910, clearedByOne: 0xF900);
        config.Write(0x06, 2, 0x8010);
        Assert.Equal(0x7910U, config.Read(0x06, 2));
        config.Write(0x04, 4, 0xFFFFFFFF);
        Assert.Equal(0x0010U, config.Read(0x06, 2));
        config.Write(0x06, 2, 0);
        Assert.Equal(0x0010U, config.Read(0x06, 2));
    }

    [Fact]
    public void Accesses_across_dwords_and_past_the_end_are_served_as_far_as_there_are_bytes()
    {
        var config = new ConfigSpace();
        config.Define(0x40, 4, 0x44332211, uint.MaxValue);
        config.Define(0x44, 4, 0x88776655, uint.MaxValue);
        Assert.Equal(0x66554433U, config.Read(0x42, 4));
        config.Write(0x43, 2, 0xAABB);
        Assert.Equal(0xBB332211U, config.Read(0x40, 4));
        Assert.Equal(0x887766AAU, config.Read(0x44, 4));
        Assert.Equal(0xFFFFFF00U, config.Read(0xFF, 4));
        Assert.Equal(0xFFFFU, config.Read(0x100, 2));
        Assert.Equal(0xFFU, config.Read(-1, 1));
        config.Write(0xFE, 4, 0);
        config.Write(0x100, 4, 0);
        config.Write(-4, 4, 0);
    }

    [Fact]
    public void A_device_that_sets_status_does_not_undo_what_the_guest_writes_beside_it()
    {
        var config = new ConfigSpace();
        config.Define(0x04, 2, 0, 0xFFFF);
        config.Define(0x06, 2, 0);
        var device = new Thread(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                config.SetBits(0x06, 2, 8, (uint)(i & 1) * 8);
            }
        });
        device.Start();
        var lost = 0;
        for (uint i = 0; i < 100_000; i++)
        {
            config.Write(0x04, 2, i & 0xFFFF);
            lost += config.ReadWord(0x04) == (i & 0xFFFF) ? 0 : 1;
        }

        device.Join();
        Assert.Equal(0, lost);
        Assert.Equal(8, config.ReadWord(0x06));
    }

    [Fact]
    public void A_register_is_described_where_it_is_aligned_and_inside()
    {
        var config = new ConfigSpace();
        Assert.Throws<ArgumentOutOfRangeException>(() => config.Define(0x41, 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => config.Define(0x100, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => config.Define(0x40, 3, 0));
    }
}
