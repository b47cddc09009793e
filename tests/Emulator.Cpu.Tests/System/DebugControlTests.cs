namespace Emulator.Cpu.Tests;

public sealed unsafe class DebugControlTests : IDisposable
{
    private readonly TestCpu _cpu = new();

    public void Dispose() => _cpu.Dispose();

    [Fact]
    public void Address_registers_hold_64_bits_and_DR6_and_DR7_their_fixed_bits()
    {
        for (var i = 0; i < 4; i++)
        {
            Write(i, 0x8000_1234_5678_9ABC + (ulong)i);
            Assert.Equal(0x8000_1234_5678_9ABC + (ulong)i, Read(i));
        }

        Write(6, 0);
        Assert.Equal(0xFFFF_0FF0UL, Read(6));
        Write(6, 0xFFFF_FFFF);
        Assert.Equal(0xFFFF_EFFFUL, Read(6));
        Write(7, 0);
        Assert.Equal(0x400UL, Read(7));
        Write(7, 0xFFFF_DFFF);
        Assert.Equal(0xFFFF_07FFUL, Read(7));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void The_upper_halves_of_DR6_and_DR7_are_reserved(int number)
    {
        Assert.False(DebugControl.WriteDebug(_cpu.State, number, 1UL << 32));
        _cpu.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void DR4_and_DR5_are_DR6_and_DR7_until_CR4_DE_takes_them_away()
    {
        Write(4, 1);
        Assert.Equal(Dr6.Ones | 1, Read(6));
        Write(5, 3);
        Assert.Equal(Dr7.Ones | 3, Read(7));
        Assert.Equal(Read(7), Read(5));
        _cpu.State->Cr4 |= Cr4.DebuggingExtensions;
        foreach (var number in new[] { 4, 5 })
        {
            Assert.False(DebugControl.ReadDebug(_cpu.State, number, out _));
            _cpu.AssertFault(Vector.InvalidOpcode);
            Assert.False(DebugControl.WriteDebug(_cpu.State, number, 0));
            _cpu.AssertFault(Vector.InvalidOpcode);
        }
    }

    [Fact]
    public void Only_ring_0_touches_debug_registers()
    {
        _cpu.State->Cpl = 3;
        Assert.False(DebugControl.ReadDebug(_cpu.State, 0, out _));
        _cpu.AssertFault(Vector.GeneralProtection, 0);
        Assert.False(DebugControl.WriteDebug(_cpu.State, 0, 0));
        _cpu.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void With_GD_set_an_access_is_a_debug_exception_that_says_so()
    {
        Write(6, 5);
        Write(7, Dr7.GeneralDetect);
        Assert.False(DebugControl.ReadDebug(_cpu.State, 3, out _));
        _cpu.AssertFault(Vector.Debug);
        Assert.Equal(Dr6.Ones | Dr6.AccessDetected, _cpu.State->Dr[6]);
        Assert.False(DebugControl.WriteDebug(_cpu.State, 7, 0));
        _cpu.AssertFault(Vector.Debug);
    }

    private ulong Read(int number)
    {
        Assert.True(DebugControl.ReadDebug(_cpu.State, number, out var value));
        return value;
    }

    private void Write(int number, ulong value) => Assert.True(DebugControl.WriteDebug(_cpu.State, number, value));
}
