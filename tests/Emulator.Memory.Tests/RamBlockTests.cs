namespace Emulator.Memory.Tests;

public sealed unsafe class RamBlockTests
{
    [Fact]
    public void An_untouched_block_of_64_GiB_takes_no_resident_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        var before = ResidentBytes();
        using var block = new RamBlock("ram", RamBlock.MaximumSize);
        block.Host[0] = 1;
        block.Host[block.Size - 1] = 2;
        block.CodeMap[(block.Size / RamBlock.PageSize) - 1] = 3;
        Assert.True(ResidentBytes() - before < 64 << 20, "Three touched pages made tens of megabytes resident.");
    }

    [Fact]
    public void A_block_is_page_aligned_and_zeroed()
    {
        using var block = new RamBlock("ram", 3 * RamBlock.PageSize);
        Assert.Equal(0UL, (ulong)block.Host % RamBlock.PageSize);
        Assert.True(new ReadOnlySpan<byte>(block.Host, (int)block.Size).IndexOfAnyExcept((byte)0) < 0);
        Assert.True(new ReadOnlySpan<byte>(block.CodeMap, 3).IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(4095UL)]
    [InlineData(RamBlock.MaximumSize + 4096)]
    public void A_size_that_is_no_run_of_pages_is_refused(ulong size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RamBlock("ram", size).Dispose());

    [Fact]
    public void Loading_stops_at_the_end_of_the_block()
    {
        using var block = new RamBlock("ram", 4096);
        block.Load(4094, [1, 2]);
        Assert.Equal(2, block.Host[4095]);
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Load(4095, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Load(ulong.MaxValue, [1]));
    }

    [Fact]
    public void Disposing_twice_is_harmless()
    {
        var block = new RamBlock("ram", 4096);
        block.Dispose();
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => block.Load(0, [1]));
    }

    private static long ResidentBytes()
    {
        var pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
        return long.Parse(pages) * Environment.SystemPageSize;
    }
}
