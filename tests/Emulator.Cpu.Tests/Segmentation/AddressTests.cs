namespace Emulator.Cpu.Tests;

public sealed unsafe class AddressTests
{
    // name, limit, attributes; offset, size, write; allowed
    [Theory]
    [InlineData(0xFFFF, 0x93, 0xFFFC, 4, true, true)]
    [InlineData(0xFFFF, 0x93, 0xFFFD, 4, false, false)]
    [InlineData(0xFFFF, 0x93, 0x10000, 1, false, false)]
    [InlineData(0xFFF, 0x91, 0, 1, true, false)]
    [InlineData(0xFFF, 0x91, 0, 1, false, true)]
    [InlineData(0xFFF, 0x9B, 0, 1, false, true)]
    [InlineData(0xFFF, 0x9B, 0, 1, true, false)]
    [InlineData(0xFFF, 0x99, 0, 1, false, false)]
    [InlineData(0xFFF, 0, 0, 1, false, false)]
    [InlineData(0xFFF, 0x97, 0xFFF, 1, true, false)]
    [InlineData(0xFFF, 0x97, 0x1000, 1, true, true)]
    [InlineData(0xFFF, 0x97, 0xFFFF, 1, true, true)]
    [InlineData(0xFFF, 0x97, 0xFFFF, 2, true, false)]
    [InlineData(0xFFF, 0x97, 0x10000, 1, true, false)]
    [InlineData(0xFFF, 0x4097, 0x10000, 1, true, true)]
    [InlineData(0xFFF, 0x4097, 0xFFFFFFFF, 1, true, true)]
    [InlineData(0xFFF, 0x4097, 0xFFFFFFFF, 2, true, false)]
    public void Protected_mode_checks_limit_direction_and_type(uint limit, int attributes, ulong offset, int size, bool write, bool allowed)
    {
        using var machine = FlatMachine.Protected();
        foreach (var name in new[] { SegmentName.Ds, SegmentName.Ss })
        {
            machine.Cpu->Segments[(int)name] = new Segment { Base = 0xFFFFF000, Limit = limit, Attributes = (ushort)attributes };
            Assert.Equal(allowed, Segmentation.Linear(machine.Cpu, name, offset, size, write, out var linear));
            if (allowed)
            {
                Assert.Equal((uint)(0xFFFFF000 + offset), linear);
            }
            else
            {
                machine.AssertFault(name == SegmentName.Ss ? Vector.StackFault : Vector.GeneralProtection, 0);
            }
        }
    }

    [Theory]
    [InlineData(SegmentName.Ds, 0x00007FFFFFFFFFFF, 1, 0x00007FFFFFFFFFFF, 0)]
    [InlineData(SegmentName.Ds, 0x00007FFFFFFFFFFF, 2, 0, Vector.GeneralProtection)]
    [InlineData(SegmentName.Ds, 0xFFFF800000000000, 8, 0xFFFF800000000000, 0)]
    [InlineData(SegmentName.Ds, 0xFFFF7FFFFFFFFFFF, 1, 0, Vector.GeneralProtection)]
    [InlineData(SegmentName.Ss, 0x0000800000000000, 1, 0, Vector.StackFault)]
    [InlineData(SegmentName.Gs, 0x10, 1, 0x1010, 0)]
    [InlineData(SegmentName.Cs, 0x10, 1, 0x10, 0)]
    public void Addresses_of_64_bit_code_have_no_segments_but_FS_and_GS_and_must_be_canonical(
        SegmentName name, ulong offset, int size, ulong expected, byte fault)
    {
        using var machine = FlatMachine.Long();
        for (var i = 0; i < 6; i++)
        {
            machine.Cpu->Segments[i].Base = 0x1000;
            machine.Cpu->Segments[i].Limit = 0;
        }

        Assert.Equal(fault == 0, Segmentation.Linear(machine.Cpu, name, offset, size, write: true, out var linear));
        if (fault != 0)
        {
            machine.AssertFault(fault, 0);
        }
        else
        {
            Assert.Equal(expected, linear);
        }
    }

    [Fact]
    public void Real_mode_checks_the_limit_but_not_the_type()
    {
        using var machine = FlatMachine.Real();
        machine.Cpu->Segments[(int)SegmentName.Cs].Attributes = 0x99;
        Assert.True(Segmentation.Linear(machine.Cpu, SegmentName.Cs, 0xFFFE, 2, write: true, out _));
        Assert.False(Segmentation.Linear(machine.Cpu, SegmentName.Cs, 0xFFFF, 2, write: false, out _));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void Unaligned_accesses_of_user_code_fault_when_alignment_is_checked()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.Cpu->Cr0 |= Cr0.AlignmentMask;
        machine.Cpu->SystemFlags |= Rflags.AlignmentCheck;
        ModeTracker.Update(machine.Cpu);
        Assert.True(Segmentation.Linear(machine.Cpu, SegmentName.Ds, 0x1004, 4, write: false, out _));
        Assert.False(Segmentation.Linear(machine.Cpu, SegmentName.Ds, 0x1002, 4, write: false, out _));
        machine.AssertFault(Vector.AlignmentCheck, 0);
        machine.SetLevel(0);
        Assert.True(Segmentation.Linear(machine.Cpu, SegmentName.Ds, 0x1002, 4, write: false, out _));
    }
}
