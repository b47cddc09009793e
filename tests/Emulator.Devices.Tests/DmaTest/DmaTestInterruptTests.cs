using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>How the function tells its driver: INTx, messages, the completion record.</summary>
public class DmaTestInterruptTests
{
    private const ulong X = 0x10000;
    private const ulong Record = 0x20040;
    private const uint FirstData = 0x4100;

    [Fact]
    public void A_script_that_ends_sets_its_cause_and_asserts_INTA_if_enabled()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.RunWell(Script.End);
        Assert.Equal((ulong)DmaTestCause.Done, f.Read(DmaTestRegister.InterruptCause));
        Assert.False(f.Interrupts);
        f.Write(DmaTestRegister.InterruptEnable, (ulong)DmaTestCause.Done);
        Assert.True(f.Interrupts);
        f.Write(DmaTestRegister.InterruptCause, (ulong)DmaTestCause.Failed);
        Assert.True(f.Interrupts);
        f.Write(DmaTestRegister.InterruptCause, (ulong)DmaTestCause.Done, 1);
        Assert.False(f.Interrupts);
        Assert.Equal(0UL, f.Read(DmaTestRegister.InterruptCause));

        f.Run(new DmaTestInstruction((DmaTestOpcode)0xFF));
        Deadline.Until(() => f.Read(DmaTestRegister.InterruptCause) == (ulong)DmaTestCause.Failed, "the cause FAILED");
        Assert.False(f.Interrupts);
    }

    [Fact]
    public void A_script_raises_causes_of_its_own_and_no_others()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Write(DmaTestRegister.InterruptEnable, 0x80000000);
        f.Put(Script.Raise(0x40000002), Script.Wait(1, X, DmaTestCondition.Equal, 1), Script.Raise(0x80000000), Script.Wait(1, X, DmaTestCondition.Equal, 2), Script.End);
        f.Ring();
        Deadline.Until(() => f.Read(DmaTestRegister.InterruptCause) == 0x40000000, "the first cause");
        Assert.False(f.Interrupts);
        board.Store(X, 1);
        Deadline.Until(() => f.Interrupts, "the interrupt");
        Assert.Equal(DmaTestState.Running, f.State);
        f.Write(DmaTestRegister.InterruptCause, 0xFFFFFFFF);
        Assert.False(f.Interrupts);
        board.Store(X, 2);
        f.WaitForEnd();
        Deadline.Until(() => f.Read(DmaTestRegister.InterruptCause) == (ulong)DmaTestCause.Done, "the cause DONE");
    }

    [Fact]
    public void A_doorbell_while_a_script_runs_is_an_overrun()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Write(DmaTestRegister.InterruptEnable, (ulong)DmaTestCause.Overrun);
        f.Put(Script.Wait(1, X, DmaTestCondition.Equal, 1), Script.End);
        f.Ring();
        f.Ring();
        Assert.True(f.Interrupts);
        board.Store(X, 1);
        f.WaitForEnd();
        Assert.Equal(1UL, f.Read(DmaTestRegister.Sequence));
    }

    [Fact]
    public void A_message_is_sent_when_the_causes_leave_zero_and_the_pin_is_silent()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        EnableMessages(board, f);
        f.Write(DmaTestRegister.InterruptVector, 5);
        f.Write(DmaTestRegister.InterruptEnable, 0xFFFFFFFF);
        f.RunWell(Script.Raise(0x100), Script.Raise(0x200), Script.End);
        Deadline.Until(() => !board.Sent.IsEmpty, "the message");
        Assert.Equal((DmaTestBoard.Messages, FirstData + 5), Assert.Single(board.Sent));
        f.Write(DmaTestRegister.InterruptCause, 0xFFFFFFFF);
        f.RunWell(Script.End);
        Deadline.Until(() => board.Sent.Count == 2, "the second message");
    }

    [Fact]
    public void A_script_sends_vectors_which_wait_while_they_are_masked()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.RunWell(Script.Message(1, 0), Script.End);
        Assert.Equal((0UL, 0), (f.R(1), board.Sent.Count));

        EnableMessages(board, f);
        board.Store(f.MessageTable + (3 * 16) + 12, 1);
        f.SetR(4, 6);
        f.RunWell(Script.Message(1, 2), Script.Message(2, 3), new DmaTestInstruction(DmaTestOpcode.Message, DmaTestModifiers.Register, a: 3, c: 4), Script.End);
        Assert.Equal((1UL, 1UL, 1UL), (f.R(1), f.R(2), f.R(3)));
        Assert.Equal([FirstData + 2, FirstData + 6], board.Sent.Select(message => message.Data));
        Assert.Equal(1UL << 3, board.Load(f.MessageTable + 0x800, 8));
        board.Store(f.MessageTable + (3 * 16) + 12, 0);
        Assert.Equal([FirstData + 2, FirstData + 6, FirstData + 3], board.Sent.Select(message => message.Data));
    }

    [Fact]
    public void MSI_has_four_messages()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        var capability = Find(f, MsiCapability.Id);
        f.SetConfig(capability + 4, 4, (uint)DmaTestBoard.Messages);
        f.SetConfig(capability + 12, 2, 0x40);
        f.SetConfig(capability + 2, 2, 0x21);
        f.RunWell(Script.Message(1, 3), Script.End);
        Assert.Equal((DmaTestBoard.Messages, 0x43U), Assert.Single(board.Sent));
        f.Run(Script.Message(1, 4), Script.End);
        Assert.Equal(DmaTestError.Operand, f.Error);
    }

    [Fact]
    public void A_completion_record_has_what_the_registers_say()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Write(DmaTestRegister.RecordAddress, Record + 0x3F, 8);
        Assert.Equal(Record, f.Read(DmaTestRegister.RecordAddress, 8));
        f.Write(DmaTestRegister.Control, (ulong)DmaTestControl.Record);
        f.SetR(0, 0x1000);
        f.SetR(4, 0x4000);
        f.RunWell(Script.Set(1, 0x1001), Script.Set(2, 0x1002), Script.Set(3, 0x1003), Script.End);
        Assert.Equal(f.Status | (1UL << 32), board.Load(Record, 8));
        Assert.Equal([0UL, 4UL, 0x1000UL, 0x1001UL, 0x1002UL, 0x1003UL, 0x4000UL], Enumerable.Range(1, 7).Select(i => board.Load(Record + ((ulong)i * 8), 8)));

        f.Run(Script.Write(DmaTestBoard.Nowhere, 1), Script.End);
        Assert.Equal(f.Status | (2UL << 32), board.Load(Record, 8));
        Assert.Equal(DmaTestBoard.Nowhere, board.Load(Record + 8, 8));
    }

    [Fact]
    public void A_record_that_is_refused_fails_the_script()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Write(DmaTestRegister.RecordAddress, DmaTestBoard.Nowhere, 8);
        f.Write(DmaTestRegister.Control, (ulong)DmaTestControl.Record);
        f.Run(Script.Set(1, 7), Script.End);
        Assert.Equal((DmaTestState.Failed, DmaTestError.Record, DmaStatus.Unassigned), (f.State, f.Error, f.Refusal));
        Assert.Equal((DmaTestBoard.Nowhere, 7UL, 1UL), (f.Read(DmaTestRegister.FaultAddress, 8), f.R(1), f.Read(DmaTestRegister.Refused)));
        f.Run(Script.Read(1, DmaTestBoard.Messages), Script.End);
        Assert.Equal((DmaTestError.Dma, DmaStatus.Registers, 3UL), (f.Error, f.Refusal, f.Read(DmaTestRegister.Refused)));
    }

    // Under full a wrong order shows: the record is one cache line, which two stores without a fence between leave together.
    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Relaxed)]
    public void Who_sees_the_record_may_ring_again_and_has_all_of_it(DmaOrdering ordering)
    {
        const int Scripts = 10_000;
        using var board = DmaTestBoard.WithFunction(out var f, ordering);
        f.Write(DmaTestRegister.RecordAddress, Record, 8);
        f.Write(DmaTestRegister.Control, (ulong)DmaTestControl.Record);
        f.Put(Script.Do(DmaTestOpcode.Add, 0, 0, 1), Script.Do(DmaTestOpcode.Add, 4, 4, 1), Script.End);
        for (var i = 1UL; i <= Scripts; i++)
        {
            f.Ring();
            var (first, last) = PollRecord(board.Memory, i);
            Assert.Equal((i, i), (first, last));
        }

        f.WaitForEnd();
        Assert.Equal(Scripts, (int)f.Read(DmaTestRegister.Sequence));
        Assert.Equal(0UL, f.Read(DmaTestRegister.InterruptCause) & (ulong)DmaTestCause.Overrun);
    }

    [Fact]
    public void An_interrupt_enabled_at_any_moment_is_not_lost()
    {
        const int Rounds = 20_000;
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Put(Script.Raise(0x100), Script.End);
        for (var i = 0; i < Rounds; i++)
        {
            f.Write(DmaTestRegister.InterruptEnable, 0);
            f.Ring();
            Thread.SpinWait(i & 63);
            f.Write(DmaTestRegister.InterruptEnable, 0x100);
            Deadline.Until(() => f.Interrupts, $"interrupt {i}");
            f.WaitForEnd();
            f.Write(DmaTestRegister.InterruptCause, 0xFFFFFFFF);
        }
    }

    // A driver's loop, and its side of dma-test.completion.record-before-status.
    private static (ulong First, ulong Last) PollRecord(GuestMemory memory, ulong sequence)
    {
        ulong seen;
        var polls = 0;
        do
        {
            memory.Read(Record + 4, 4, out seen);
            if (++polls > 1000)
            {
                Thread.Yield();
                Assert.True(polls < 10_000_000, $"no record {sequence}");
            }
        }
        while (seen != sequence);
        Volatile.ReadBarrier();
        memory.Read(Record + 0x38, 8, out var last);
        memory.Read(Record + 0x18, 8, out var first);
        return (first, last);
    }

    private static void EnableMessages(DmaTestBoard board, TestedFunction f)
    {
        for (var vector = 0; vector < DmaTestRegisters.Vectors; vector++)
        {
            var entry = f.MessageTable + ((ulong)vector * 16);
            board.Store(entry, DmaTestBoard.Messages, 8);
            board.Store(entry + 8, FirstData + (ulong)vector);
            board.Store(entry + 12, 0);
        }

        f.SetConfig(Find(f, MsixCapability.Id) + 2, 2, 0x8000);
    }

    private static int Find(TestedFunction f, byte id)
    {
        var at = (int)f.Config(PciRegister.CapabilitiesPointer, 1);
        while (at != 0 && f.Config(at, 1) != id)
        {
            at = (int)f.Config(at + 1, 1);
        }

        Assert.NotEqual(0, at);
        return at;
    }
}
