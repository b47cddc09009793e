using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>What the function may not do, and what a script may not say: each ends the script and says so, and the next one runs.</summary>
public class DmaTestRefusalTests
{
    private const ulong X = 0x10000;

    public static TheoryData<DmaStatus, ulong> Places => new()
    {
        { DmaStatus.Unassigned, DmaTestBoard.Nowhere },
        { DmaStatus.Unassigned, ulong.MaxValue - 7 },
        { DmaStatus.Unassigned, DmaTestBoard.RamSize },
        { DmaStatus.Registers, DmaTestBoard.FirstWindow + (ulong)DmaTestRegister.Doorbell },
        { DmaStatus.Registers, DmaTestBoard.FirstWindow + 0x10000 + (ulong)DmaTestRegister.Scratch },
        { DmaStatus.Registers, DmaTestBoard.FirstWindow + DmaTestRegisters.ScriptOffset },
        { DmaStatus.Registers, DmaTestBoard.Messages },
    };

    public static TheoryData<string> Accesses => new(Programs(0).Keys);

    [Theory]
    [MemberData(nameof(Places))]
    public void An_access_to_what_is_no_memory_is_refused_and_counted(DmaStatus status, ulong address)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        board.Add(board.NewThread());
        var refused = 0;
        foreach (var (name, program) in Programs(address))
        {
            f.Run([.. program, Script.Write(X, 1), Script.End]);
            Assert.True((DmaTestState.Failed, DmaTestError.Dma, status) == (f.State, f.Error, f.Refusal), $"{name}: {f.Status:X}");
            Assert.Equal((program.Length - 1, address), (f.Slot, f.Read(DmaTestRegister.FaultAddress, 8)));
            Assert.Equal((ulong)++refused, f.Read(DmaTestRegister.Refused));
            Assert.Equal(refused, f.Function.RefusedDma(status));
            Assert.Equal(0UL, board.Load(X));
        }

        Assert.Equal(0UL, board.Functions[1].Read(DmaTestRegister.Scratch));
        Assert.Equal((ulong)refused, f.Read(DmaTestRegister.Sequence));
        Assert.Empty(board.Sent);
        f.RunWell(Script.Write(X, 2), Script.End);
        Assert.Equal(2UL, board.Load(X));
    }

    [Fact]
    public void Rom_is_read_and_not_written()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.RunWell(Script.Read(1, DmaTestBoard.Rom), Script.End);
        Assert.Equal(0xAA55UL, f.R(1));
        f.Run(Script.Write(DmaTestBoard.Rom, 1), Script.End);
        Assert.Equal((DmaTestState.Failed, DmaStatus.Unassigned), (f.State, f.Refusal));
        Assert.Equal(0xAA55UL, board.Load(DmaTestBoard.Rom));
    }

    [Theory]
    [MemberData(nameof(Accesses))]
    public void Without_bus_mastering_nothing_goes(string name)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.SetMaster(false);
        f.Run([.. Programs(X)[name], Script.End]);
        Assert.Equal((DmaTestState.Failed, DmaTestError.Dma, DmaStatus.NotBusMaster), (f.State, f.Error, f.Refusal));
        Assert.Equal(new byte[64], board.Bytes(X, 64));
        f.SetMaster(true);
        f.RunWell([.. Programs(X)[name], Script.End]);
    }

    [Fact]
    public void A_script_ends_when_its_function_is_no_longer_a_master()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Put(Script.Do(DmaTestOpcode.Add, 1, 1, 1), Script.WriteR(X, 1, 8), Script.Jump(0));
        f.Ring();
        Deadline.Until(() => board.Load(X, 8) > 100, "a hundred rounds");
        f.SetMaster(false);
        f.WaitForEnd();
        var last = board.Load(X, 8);
        Assert.Equal((DmaTestState.Failed, DmaStatus.NotBusMaster), (f.State, f.Refusal));
        Assert.Equal(last + 1, f.R(1));
        Assert.Equal(last, board.Load(X, 8));
    }

    [Fact]
    public void A_copy_past_the_end_of_memory_stops_at_the_page()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        board.Memory.Write(X, Enumerable.Repeat((byte)7, 0x3000).ToArray());
        f.SetR(1, X);
        f.Run(Script.Copy(1, DmaTestBoard.RamSize - 0x1800, 0x3000), Script.End);
        Assert.Equal((DmaTestState.Failed, DmaStatus.Unassigned), (f.State, f.Refusal));
        Assert.Equal(DmaTestBoard.RamSize - 0x800, f.Read(DmaTestRegister.FaultAddress, 8));
        Assert.Equal(Enumerable.Repeat((byte)7, 0x1800), board.Bytes(DmaTestBoard.RamSize - 0x1800, 0x1800));
    }

    [Fact]
    public void A_list_with_a_piece_that_is_not_there_moves_nothing()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        board.Store(0x30000, X, 8);
        board.Store(0x30008, 64, 8);
        board.Store(0x30010, DmaTestBoard.Nowhere, 8);
        board.Store(0x30018, 64, 8);
        f.Run(Script.Part(DmaTestOpcode.Fill, 0, 128, ulong.MaxValue), Script.List(DmaTestOpcode.Scatter, 1, 0x30000, 2), Script.End);
        Assert.Equal((DmaTestState.Failed, DmaStatus.Unassigned, DmaTestBoard.Nowhere), (f.State, f.Refusal, f.Read(DmaTestRegister.FaultAddress, 8)));
        Assert.Equal(new byte[64], board.Bytes(X, 64));
    }

    [Fact]
    public void Unknown_instructions_end_the_script()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        for (var opcode = 0; opcode < 256; opcode++)
        {
            if (Enum.IsDefined((DmaTestOpcode)opcode))
            {
                continue;
            }

            f.Run(Script.Delay(0), new DmaTestInstruction((DmaTestOpcode)opcode), Script.Write(X, 1), Script.End);
            Assert.Equal((DmaTestState.Failed, DmaTestError.Opcode, 1), (f.State, f.Error, f.Slot));
        }

        Assert.Equal(0UL, board.Load(X));
    }

    [Fact]
    public void Wrong_operands_end_the_script()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        board.Store(0x30000, X, 8);
        board.Store(0x30008, 4097, 8);
        DmaTestInstruction[] wrong =
        [
            Script.Branch(0, DmaTestCondition.Reserved, 0, 0),
            Script.Wait(0, X, DmaTestCondition.Reserved, 0),
            Script.Record(X, 0, 0),
            Script.Record(X, -1, 0),
            Script.Part(DmaTestOpcode.Load, 0, 4097, X),
            Script.Part(DmaTestOpcode.Store, 4095, 2, X),
            Script.Part(DmaTestOpcode.Fill, 1, 4096),
            Script.Part(DmaTestOpcode.Checksum, 0, 8191),
            Script.Part(DmaTestOpcode.Compare, 4095, 4096),
            Script.Part(DmaTestOpcode.Torn, 2048, 2049),
            Script.Copy(0, X, (1 << 20) + 1),
            Script.Copy(0, X, -1),
            Script.List(DmaTestOpcode.Gather, 0, 0x30000, 0),
            Script.List(DmaTestOpcode.Scatter, 0, 0x30000, 17),
            Script.List(DmaTestOpcode.Gather, 0, 0x30000, 1),
            Script.Message(0, DmaTestRegisters.Vectors),
            Script.Message(0, -1),
        ];
        foreach (var instruction in wrong)
        {
            f.Run(instruction, Script.End);
            Assert.True((DmaTestState.Failed, DmaTestError.Operand, 0) == (f.State, f.Error, f.Slot), $"{instruction.Opcode}: {f.Status:X}");
        }

        Assert.Equal(0UL, f.Read(DmaTestRegister.Refused));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_branch_leaves_the_script_only_to_fail(int slot)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Run(Script.Delay(0), Script.Jump(slot));
        Assert.Equal((DmaTestState.Failed, DmaTestError.Target, 1), (f.State, f.Error, f.Slot));
        f.SetR(1, 2);
        f.Run(Script.Delay(0), Script.Loop(1, slot));
        Assert.Equal((DmaTestState.Failed, DmaTestError.Target, 1), (f.State, f.Error, f.Slot));
    }

    [Fact]
    public void Behind_the_last_slot_there_is_nothing()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        var script = new DmaTestInstruction[DmaTestInstruction.Slots];
        Array.Fill(script, Script.Delay(0));
        f.Run(script);
        Assert.Equal((DmaTestState.Failed, DmaTestError.Target, 127), (f.State, f.Error, f.Slot));
        Assert.Equal(128UL, f.Read(DmaTestRegister.Executed, 8));
        foreach (var start in new[] { 128, 255, int.MaxValue })
        {
            f.Ring(start);
            f.WaitForEnd();
            Assert.Equal((DmaTestState.Failed, DmaTestError.Target), (f.State, f.Error));
            Assert.Equal(0UL, f.Read(DmaTestRegister.Executed, 8));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public void An_endless_loop_ends_at_its_limit(int limit)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Write(DmaTestRegister.InstructionLimit, (ulong)limit);
        f.Run(Script.Jump(0));
        Assert.Equal((DmaTestState.Failed, DmaTestError.Limit), (f.State, f.Error));
        Assert.Equal((ulong)limit, f.Read(DmaTestRegister.Executed, 8));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_wait_in_vain_ends_at_its_limit(int limit)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Write(DmaTestRegister.WaitLimit, (ulong)limit);
        f.Run(Script.Delay(0), Script.Wait(1, X, DmaTestCondition.NotEqual, 0), Script.End);
        Assert.Equal((DmaTestState.Failed, DmaTestError.Wait, 1), (f.State, f.Error, f.Slot));
        Assert.Equal(2UL, f.Read(DmaTestRegister.Executed, 8));
    }

    [Fact]
    public void Random_scripts_end_and_leave_the_function_alive()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = DmaTestBoard.WithFunction(out var f);
        var bytes = new byte[DmaTestInstruction.Slots * DmaTestInstruction.Size];
        for (var i = 0; i < 300; i++)
        {
            random.NextBytes(bytes);
            for (var slot = 0; slot < bytes.Length; slot += DmaTestInstruction.Size)
            {
                // Instructions that there are, as a rule, near memory that there is.
                if (random.Next(20) != 0)
                {
                    bytes[slot] = (byte)Enum.GetValues<DmaTestOpcode>()[random.Next(30)];
                    bytes[slot + 1] &= 0xF7;
                    BitConverter.TryWriteBytes(bytes.AsSpan(slot + 4), random.Next(4) == 0 ? random.Next(5000) : random.Next(128));
                    BitConverter.TryWriteBytes(bytes.AsSpan(slot + 8), (ulong)random.NextInt64((long)DmaTestBoard.RamSize));
                }
            }

            board.Memory.Write(f.Window + DmaTestRegisters.ScriptOffset, bytes);
            f.Write(DmaTestRegister.InstructionLimit, 2000);
            f.Write(DmaTestRegister.WaitLimit, 100);
            f.Ring(random.Next(128));
            f.WaitForEnd();
            Assert.True(f.State is DmaTestState.Done or DmaTestState.Failed, $"seed {seed}");
            if (random.Next(10) == 0)
            {
                f.Reset();
            }
        }

        f.Reset();
        f.RunWell(Script.Write(X, 3), Script.End);
        Assert.Equal(3UL, board.Load(X));
    }

    // What reaches an address, the access that does being the last instruction.
    private static Dictionary<string, DmaTestInstruction[]> Programs(ulong address) => new()
    {
        ["write"] = [Script.Write(address, 0)],
        ["relaxed write"] = [Script.Write(address, 0, relaxed: true)],
        ["read"] = [Script.Read(1, address)],
        ["relaxed read"] = [Script.Read(1, address, 8, relaxed: true)],
        ["publish"] = [Script.Publish(address, 0)],
        ["relaxed publish"] = [Script.Publish(address, 0, relaxed: true)],
        ["wait"] = [Script.Wait(1, address, DmaTestCondition.Equal, 0)],
        ["record"] = [Script.Set(2, 0), Script.Record(address, 1, 2, 1)],
        ["load"] = [Script.Part(DmaTestOpcode.Load, 0, 8, address)],
        ["store"] = [Script.Part(DmaTestOpcode.Fill, 0, 8), Script.Part(DmaTestOpcode.Store, 0, 8, address, relaxed: true)],
        ["copy from"] = [Script.Set(3, address), Script.Copy(3, 0x20000, 8)],
        ["copy to"] = [Script.Set(3, 0x20000), Script.Copy(3, address, 8)],
        ["list"] = [Script.List(DmaTestOpcode.Gather, 1, address, 1)],
    };
}
