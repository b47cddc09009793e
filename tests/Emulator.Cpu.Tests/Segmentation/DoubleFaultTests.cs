namespace Emulator.Cpu.Tests;

public sealed unsafe class DoubleFaultTests
{
    private const int Benign = 0;
    private const int Contributory = 1;
    private const int Page = 2;

    // The manual's classes (volume 3, table 6-4), by vector.
    private static readonly int[] Classes =
    [
        Contributory, Benign, Benign, Benign, Benign, Benign, Benign, Benign, Benign, Benign,
        Contributory, Contributory, Contributory, Contributory, Page, Benign, Benign, Benign, Benign, Benign,
    ];

    [Fact]
    public void Two_exceptions_make_a_double_fault_exactly_where_the_manuals_table_says()
    {
        for (byte first = 0; first < Classes.Length; first++)
        {
            for (byte second = 0; second < Classes.Length; second++)
            {
                if (first == Vector.DoubleFault)
                {
                    continue;
                }

                var isDouble = (Classes[first], Classes[second]) is (Contributory, Contributory) or (Page, Contributory) or (Page, Page);
                var next = new PendingFault { IsPending = true, Vector = second, HasErrorCode = true, ErrorCode = 0x18 };
                Assert.True(Interrupts.Combine(new PendingFault { IsPending = true, Vector = first }, ref next));
                Assert.Equal((isDouble ? Vector.DoubleFault : second, isDouble ? 0 : 0x18U), (next.Vector, next.ErrorCode));
            }
        }
    }

    [Fact]
    public void Interrupts_and_software_interrupts_are_benign_whatever_their_vector()
    {
        foreach (var first in new[] { new PendingFault { Vector = 13, IsExternal = true }, new PendingFault { Vector = 8, IsSoftware = true } })
        {
            var next = new PendingFault { Vector = Vector.GeneralProtection, HasErrorCode = true, ErrorCode = 0x18 };
            Assert.True(Interrupts.Combine(first, ref next));
            Assert.Equal(Vector.GeneralProtection, next.Vector);
        }
    }

    [Fact]
    public void A_fault_that_cannot_be_delivered_arrives_as_a_double_fault_with_error_code_0()
    {
        using var machine = FlatMachine.Protected();
        machine.SetGate(Vector.DoubleFault, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, 0x5000));
        machine.Cpu->Rip = 0x1234;
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverException(machine.Cpu, Vector.GeneralProtection, 0x18));
        machine.AssertFrame(4, 0, 0x1234);
        Assert.Equal(0x5000UL, machine.Cpu->Rip);
        Assert.False(machine.Cpu->Fault.IsPending);
    }

    [Fact]
    public void A_double_fault_that_cannot_be_delivered_shuts_the_processor_down()
    {
        using var machine = FlatMachine.Protected();
        var before = machine.Snapshot();
        Assert.Equal(InterruptResult.Shutdown, Interrupts.DeliverException(machine.Cpu, Vector.GeneralProtection, 0x18));
        machine.AssertUnchanged(before);
    }

    [Fact]
    public void A_page_fault_while_delivering_a_general_protection_fault_is_delivered_in_its_place()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.SetGate(Vector.GeneralProtection, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code1, 0x5000));
        machine.SetGate(Vector.PageFault, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, 0x6000));
        machine.Write(FlatMachine.Tss + 0x0C, 4, 0x20000);
        machine.EnablePaging();
        machine.Unmap(0x1FFF0);
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverException(machine.Cpu, Vector.GeneralProtection, 0));
        Assert.Equal((0x6000UL, 0), (machine.Cpu->Rip, machine.Cpu->Cpl));
        Assert.Equal(0x1FFFCUL & ~0xFFFUL, machine.Cpu->Cr2 & ~0xFFFUL);
        Assert.Equal(2UL, machine.Frame(4, 1)[0]);
    }

    [Fact]
    public void A_page_fault_whose_own_frame_is_not_mapped_is_a_double_fault_and_then_a_shutdown()
    {
        using var machine = FlatMachine.Protected();
        machine.SetGate(Vector.PageFault, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, 0x6000));
        machine.SetGate(Vector.DoubleFault, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, 0x7000));
        machine.EnablePaging();
        machine.Unmap(0x30000);
        machine.Rsp = 0x30800;
        Assert.Equal(InterruptResult.Shutdown, Interrupts.DeliverException(machine.Cpu, Vector.PageFault, 0));
    }
}
