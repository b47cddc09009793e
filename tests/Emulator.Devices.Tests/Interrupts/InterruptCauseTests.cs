namespace Emulator.Devices.Tests;

public sealed class InterruptCauseTests
{
    private readonly RecordingLine _line = new();
    private readonly InterruptCause _cause;

    public InterruptCauseTests() => _cause = new InterruptCause(_line);

    [Fact]
    public void The_line_is_on_while_a_cause_is_set_that_the_mask_lets_through()
    {
        _cause.Raise(0b0101);
        Assert.False(_line.Level);
        _cause.SetMask(0b0110);
        Assert.True(_line.Level);
        Assert.True(_cause.IsAsserted);
        _cause.Raise(0b0010);
        Assert.Equal(1, _line.Rises);
        _cause.Clear(0b0100);
        Assert.True(_line.Level);
        _cause.Clear(0b0010);
        Assert.False(_line.Level);
        Assert.Equal((0b0001U, 0b0110U), (_cause.Cause, _cause.Mask));
        _cause.SetMask(0b0001);
        Assert.True(_line.Level);
        _cause.SetMask(0);
        Assert.False(_line.Level);
    }

    [Fact]
    public void Clearing_tells_what_was_set()
    {
        _cause.Raise(0x80000001);
        Assert.Equal(0x80000001, _cause.Clear(1));
        Assert.Equal(0x80000000, _cause.Clear(uint.MaxValue));
        Assert.Equal(0U, _cause.Clear(uint.MaxValue));
    }

    [Fact]
    public void A_reset_clears_both_words_and_the_line()
    {
        _cause.SetMask(uint.MaxValue);
        _cause.Raise(2);
        _cause.Reset();
        Assert.False(_line.Level);
        Assert.Equal((0U, 0U), (_cause.Cause, _cause.Mask));
    }
}
