namespace Emulator.Cpu.Tests.Running;

/// <summary>Exits for accesses, and what may come between an access and the instruction that made it.</summary>
public sealed class ExitTests
{
    private static readonly byte[] s_pollPort =
    [
        0xE4, 0x61,         // in al, 0x61
        0xA8, 0x20,         // test al, 0x20
        0x74, 0xFA,         // jz back
        0xF4,               // hlt
    ];

    private static readonly byte[] s_pollMemory =
    [
        0xB8, 0xFF, 0xFF,               // mov ax, 0xFFFF
        0x8E, 0xD8,                     // mov ds, ax: address 0x100000 is DS:0010
        0xF6, 0x06, 0x10, 0x00, 0x20,   // test byte [0x0010], 0x20
        0x74, 0xF9,                     // jz back
        0xF4,                           // hlt
    ];

    [Fact]
    public void A_read_brings_what_the_exit_was_answered_with()
    {
        using var program = new RealModeProgram(0xE4, 0x61, 0x88, 0xC4, 0xE4, 0x62, 0xE6, 0x80, 0xF4);
        program.Answer(ExitReason.Io, 0x61, 0x12);
        program.Answer(ExitReason.Io, 0x62, 0x34);
        program.Expect(ExitReason.Io, 0x80, isWrite: true);
        Assert.Equal((0x34UL, 1), (program.Vcpu.Exit.Data, program.Vcpu.Exit.Size));
        Assert.Equal(ExitReason.Hlt, program.Vcpu.Run());
        Assert.Equal(0x1234UL, program.Ax);
    }

    [Fact]
    public void A_kick_before_the_instruction_goes_on_does_not_lose_what_was_read()
    {
        using var program = new RealModeProgram(0xE4, 0x61, 0xF4);
        program.Answer(ExitReason.Io, 0x61, 0x12);
        program.Vcpu.Kick();
        Assert.Equal(ExitReason.Intr, program.Vcpu.Run());
        Assert.Equal(ExitReason.Hlt, program.Vcpu.Run());
        Assert.Equal(0x12UL, program.Ax);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_loop_that_polls_a_register_is_interrupted(bool memory)
    {
        using var program = new RealModeProgram(memory ? s_pollMemory : s_pollPort);
        var (reason, address) = memory ? (ExitReason.Mmio, (ulong)RealModeProgram.Nowhere) : (ExitReason.Io, 0x61UL);
        program.Handle(0x20);
        for (var i = 0; i < 10; i++)
        {
            program.Answer(reason, address, 0);
        }

        program.Vcpu.RequestInterruptWindow = true;
        Assert.False(program.Vcpu.ReadyForInterrupt);
        Assert.Equal(ExitReason.IrqWindowOpen, program.Vcpu.Run());
        program.Vcpu.RequestInterruptWindow = false;
        program.Vcpu.Interrupt(0x20);
        Assert.Equal(ExitReason.Hlt, program.Vcpu.Run());
        Assert.Equal(RealModeProgram.Handlers + 0x21UL, program.Rip);
    }

    [Fact]
    public void A_loop_that_polls_a_register_is_interrupted_by_an_NMI()
    {
        using var program = new RealModeProgram(s_pollPort);
        program.Handle(2);
        for (var i = 0; i < 10; i++)
        {
            program.Answer(ExitReason.Io, 0x61, 0);
        }

        program.Vcpu.RaiseNmi();
        Assert.Equal(ExitReason.Hlt, program.Vcpu.Run());
        Assert.Equal(RealModeProgram.Handlers + 3UL, program.Rip);
    }

    [Fact]
    public void Instructions_are_counted_once_although_those_with_exits_run_twice()
    {
        using var program = new RealModeProgram(s_pollPort);
        for (var i = 0; i < 10; i++)
        {
            program.Answer(ExitReason.Io, 0x61, 0);
        }

        program.Answer(ExitReason.Io, 0x61, 0x20);
        Assert.Equal(ExitReason.Hlt, program.Vcpu.Run());
        Assert.Equal((11 * 3) + 1, program.Vcpu.InstructionCount);
    }

    [Fact]
    public void A_jump_to_address_0_finds_nothing_in_an_empty_jump_cache()
    {
        // Each write of CR3 begins a new generation of the cache, in which nothing is remembered.
        using var program = new RealModeProgram(
            0xB9, 70, 0,            // mov cx, 70
            0x0F, 0x22, 0xD8,       // mov cr3, eax
            0x31, 0xDB,             // xor bx, bx
            0xFF, 0xD3,             // call bx
            0xE2, 0xF7,             // loop to mov cr3
            0xF4);                  // hlt
        program.Write(0, 0xC3);     // ret
        Assert.Equal(ExitReason.Hlt, program.Vcpu.Run());
        Assert.Equal(RealModeProgram.Start + 13UL, program.Rip);
    }

    [Fact]
    public void Code_that_is_written_while_its_instruction_waits_for_an_answer_is_decoded_anew()
    {
        using var program = new RealModeProgram(0xE4, 0x61, 0x90, 0xF4, 0x90, 0xF4);
        program.Answer(ExitReason.Io, 0x61, 0x12);
        program.Write(RealModeProgram.Start + 3, 0x40);     // inc ax in the place of hlt
        Assert.Equal(ExitReason.Hlt, program.Vcpu.Run());
        Assert.Equal(0x13UL, program.Ax);
    }
}
