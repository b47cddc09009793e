using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Each instruction, as the data sheet has it.</summary>
public class DmaTestInstructionTests
{
    private const ulong X = 0x10000;
    private const ulong Y = 0x20000;

    public static TheoryData<int, int, bool> SizesAndAlignments
    {
        get
        {
            var data = new TheoryData<int, int, bool>();
            foreach (var size in new[] { 1, 2, 4, 8 })
            {
                for (var offset = 0; offset < 8; offset++)
                {
                    data.Add(size, offset, false);
                    data.Add(size, offset, true);
                }
            }

            return data;
        }
    }

    [Fact]
    public void An_empty_script_is_done_at_once()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Ring();
        f.WaitForEnd();
        Assert.Equal(DmaTestRegisters.Status(DmaTestState.Done), f.Status);
        Assert.Equal(1UL, f.Read(DmaTestRegister.Executed, 8));
        Assert.Equal(1UL, f.Read(DmaTestRegister.Sequence));
    }

    [Theory]
    [MemberData(nameof(SizesAndAlignments))]
    public void Words_of_every_size_go_to_any_address_and_come_from_there(int size, int offset, bool relaxed)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        var address = X + 0xFF8 + (ulong)offset;
        var ones = ulong.MaxValue >> (64 - (size * 8));
        f.SetR(1, 0x8877665544332211);
        f.RunWell(
            Script.Write(address, -2, size, relaxed),
            Script.Read(2, address, size, relaxed),
            Script.WriteR(address, 1, size, relaxed),
            Script.Read(3, address, size, relaxed),
            Script.Publish(Y + (ulong)offset, -3, size, relaxed),
            Script.Wait(4, Y + (ulong)offset, DmaTestCondition.Equal, -3, size, relaxed),
            Script.End);
        Assert.Equal(unchecked((ulong)-2) & ones, f.R(2));
        Assert.Equal(0x8877665544332211 & ones, f.R(3));
        Assert.Equal(0x8877665544332211 & ones, board.Load(address, size));
        Assert.Equal(unchecked((ulong)-3) & ones, f.R(4));
        Assert.Equal(0UL, board.Load(address + (ulong)size, 1));
        Assert.Equal(0UL, board.Load(address - 1, 1));
    }

    [Fact]
    public void An_address_is_a_value_plus_a_register()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.SetR(5, 0x40);
        f.SetR(6, unchecked((ulong)-0x80));
        f.RunWell(Script.Write(X, 7).At(5), Script.Write(X, 8).At(6), Script.Read(1, X).At(5), Script.End);
        Assert.Equal(7UL, board.Load(X + 0x40));
        Assert.Equal(8UL, board.Load(X - 0x80));
        Assert.Equal(7UL, f.R(1));
    }

    [Fact]
    public void Registers_compute()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.SetR(1, 0xF0F0);
        f.SetR(2, 3);
        f.RunWell(
            Script.Set(3, 0x123456789ABCDEF0),
            Script.Do(DmaTestOpcode.Add, 4, 1, ulong.MaxValue),
            Script.DoR(DmaTestOpcode.Subtract, 5, 2, 1),
            Script.Do(DmaTestOpcode.And, 6, 1, 0xFF),
            Script.DoR(DmaTestOpcode.Or, 7, 1, 2),
            Script.Do(DmaTestOpcode.Xor, 8, 1, 0xFFFF),
            Script.DoR(DmaTestOpcode.ShiftLeft, 9, 1, 2),
            Script.Do(DmaTestOpcode.ShiftRight, 10, 3, 60),
            Script.DoR(DmaTestOpcode.Multiply, 11, 1, 2),
            Script.DoR(DmaTestOpcode.Set, 12, 0, 3),
            Script.Do(DmaTestOpcode.ShiftLeft, 13, 1, 64),
            Script.End);
        ulong[] expected =
        [
            0x123456789ABCDEF0, 0xF0EF, unchecked(3UL - 0xF0F0), 0xF0, 0xF0F3, 0x0F0F, 0x78780, 1, 0x2D2D0, 0x123456789ABCDEF0, 0xF0F0,
        ];
        Assert.Equal(expected, Enumerable.Range(3, 11).Select(f.R));
    }

    [Theory]
    [InlineData(DmaTestCondition.Equal, 5UL, 5UL, true)]
    [InlineData(DmaTestCondition.Equal, 5UL, 6UL, false)]
    [InlineData(DmaTestCondition.NotEqual, 5UL, 6UL, true)]
    [InlineData(DmaTestCondition.NotEqual, 5UL, 5UL, false)]
    [InlineData(DmaTestCondition.Below, 5UL, ulong.MaxValue, true)]
    [InlineData(DmaTestCondition.Below, ulong.MaxValue, 5UL, false)]
    [InlineData(DmaTestCondition.AtLeast, ulong.MaxValue, 5UL, true)]
    [InlineData(DmaTestCondition.AtLeast, 5UL, 6UL, false)]
    [InlineData(DmaTestCondition.Less, ulong.MaxValue, 5UL, true)]
    [InlineData(DmaTestCondition.Less, 5UL, ulong.MaxValue, false)]
    [InlineData(DmaTestCondition.AtLeastSigned, 5UL, ulong.MaxValue, true)]
    [InlineData(DmaTestCondition.AtLeastSigned, ulong.MaxValue, 5UL, false)]
    [InlineData(DmaTestCondition.Always, 1UL, 2UL, true)]
    public void A_branch_is_taken_if_its_condition_holds(DmaTestCondition condition, ulong left, ulong right, bool taken)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.SetR(1, left);
        f.SetR(2, right);
        f.RunWell(Script.Branch(1, condition, right, 2), Script.Set(3, 1), Script.BranchR(1, condition, 2, 4), Script.Set(4, 1), Script.End);
        Assert.Equal(taken ? (0UL, 0UL) : (1UL, 1UL), (f.R(3), f.R(4)));
    }

    [Theory]
    [InlineData(1, DmaTestCondition.Less, 0x80, 0x7F, true)]
    [InlineData(1, DmaTestCondition.Below, 0x80, 0x7F, false)]
    [InlineData(2, DmaTestCondition.AtLeastSigned, 0x8000, 0, false)]
    [InlineData(4, DmaTestCondition.Equal, -1, -1, true)]
    [InlineData(8, DmaTestCondition.Equal, -1, -1, true)]
    public void A_wait_compares_words_of_its_size(int size, DmaTestCondition condition, int inMemory, int wanted, bool holds)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        board.Store(X, unchecked((ulong)inMemory), size);
        f.Write(DmaTestRegister.WaitLimit, 10);
        f.Run(Script.Wait(1, X, condition, wanted, size), Script.End);
        Assert.Equal(holds ? DmaTestState.Done : DmaTestState.Failed, f.State);
    }

    [Fact]
    public void A_loop_runs_as_often_as_its_register_says_and_counters_count_it()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.RunWell(
            Script.Set(1, 1000),
            Script.Do(DmaTestOpcode.And, 2, 1, 7),
            Script.Record(X, 4, 2, 8),
            Script.Loop(1, 1),
            Script.End);
        Assert.Equal([125UL, 125UL, 125UL, 625UL], Enumerable.Range(0, 4).Select(i => board.Load(X + ((ulong)i * 8), 8)));
        Assert.Equal(0UL, board.Load(X + 32, 8));
        Assert.Equal(3002UL, f.Read(DmaTestRegister.Executed, 8));
    }

    [Fact]
    public void A_wait_ends_when_the_word_is_as_wanted()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Put(Script.WaitR(2, X, DmaTestCondition.AtLeast, 1), Script.Publish(Y, 1), Script.End);
        f.SetR(1, 5);
        f.Ring();
        board.Store(X, 4);
        Assert.Equal(DmaTestState.Running, f.State);
        board.Store(X, 6);
        f.WaitForEnd();
        Assert.Equal((DmaTestState.Done, 6UL, 1UL), (f.State, f.R(2), board.Load(Y)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(3, 7)]
    [InlineData(5, 64)]
    [InlineData(1, 1499)]
    [InlineData(0, 4096)]
    [InlineData(4095, 1)]
    public void Parts_of_the_buffer_are_loaded_and_stored(int start, int length)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        var data = new byte[length];
        new Random(start + length).NextBytes(data);
        board.Memory.Write(X + 5, data);
        f.RunWell(
            Script.Part(DmaTestOpcode.Load, start, length, X + 5),
            Script.Part(DmaTestOpcode.Store, start, length, Y + 2),
            Script.Part(DmaTestOpcode.Checksum, start, length, a: 1),
            Script.End);
        Assert.Equal(data, board.Bytes(Y + 2, length));
        Assert.Equal(0UL, board.Load(Y + 2 + (ulong)length, 1));
        Assert.Equal(data.Aggregate(0xCBF29CE484222325, (hash, value) => (hash ^ value) * 0x100000001B3), f.R(1));
    }

    [Fact]
    public void A_pattern_fills_is_compared_and_shows_torn_words()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.RunWell(
            Script.Part(DmaTestOpcode.Fill, 3, 100, 0x0807060504030201),
            Script.Part(DmaTestOpcode.Store, 0, 110, X),
            Script.Part(DmaTestOpcode.Compare, 3, 120, 0x0807060504030201, a: 1),
            Script.Part(DmaTestOpcode.Fill, 0, 64, 0x1111111111111111),
            Script.Part(DmaTestOpcode.Torn, 0, 64, a: 2, size: 8),
            Script.Part(DmaTestOpcode.Fill, 8, 1, 0x22),
            Script.Part(DmaTestOpcode.Fill, 63, 1, 0x22),
            Script.Part(DmaTestOpcode.Torn, 0, 64, a: 3, size: 8),
            Script.Part(DmaTestOpcode.Torn, 0, 63, a: 4, size: 2),
            Script.End);
        byte[] expected = [0, 0, 0, .. Enumerable.Range(0, 100).Select(i => (byte)((i % 8) + 1)), 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(expected, board.Bytes(X, 110));
        Assert.Equal([100UL, 0UL, 2UL, 1UL], Enumerable.Range(1, 4).Select(f.R));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(100_001)]
    [InlineData(1 << 20)]
    public void A_copy_goes_through_the_buffer(int length)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        var data = new byte[length];
        new Random(length).NextBytes(data);
        const ulong From = 0x10_0001;
        const ulong To = 0x28_0003;
        board.Memory.Write(From, data);
        f.SetR(1, From);
        f.RunWell(Script.Copy(1, To, length), Script.End);
        Assert.Equal(data, board.Bytes(To, length));
        Assert.Equal(0UL, board.Load(To + (ulong)length, 1));
    }

    [Fact]
    public void A_list_is_gathered_and_scattered()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        (ulong Address, uint Length)[] pieces = [(X, 3), (X + 0xFFE, 5), (X + 0x100, 0), (X + 0x3000, 4000)];
        var data = new byte[4008];
        new Random(1).NextBytes(data);
        board.Memory.Write(0x30000, MemoryMarshal.AsBytes<ulong>([.. pieces.SelectMany(piece => new[] { piece.Address, piece.Length })]));
        board.Memory.Write(Y, data);
        f.RunWell(
            Script.Part(DmaTestOpcode.Load, 0, 4008, Y),
            Script.List(DmaTestOpcode.Scatter, 1, 0x30000, 4),
            Script.Part(DmaTestOpcode.Fill, 0, 4096),
            Script.List(DmaTestOpcode.Gather, 2, 0x30000, 4),
            Script.Part(DmaTestOpcode.Store, 0, 4008, Y + 0x2000),
            Script.End);
        Assert.Equal((4008UL, 4008UL), (f.R(1), f.R(2)));
        Assert.Equal(data[..3], board.Bytes(X, 3));
        Assert.Equal(data[3..8], board.Bytes(X + 0xFFE, 5));
        Assert.Equal(data[8..], board.Bytes(X + 0x3000, 4000));
        Assert.Equal(data, board.Bytes(Y + 0x2000, 4008));
    }

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Tracked)]
    [InlineData(DmaOrdering.Split)]
    [InlineData(DmaOrdering.Pci)]
    [InlineData(DmaOrdering.Relaxed)]
    public void Barriers_and_delays_change_no_data(DmaOrdering ordering)
    {
        using var board = DmaTestBoard.WithFunction(out var f, ordering);
        f.SetR(1, 100);
        f.RunWell(
            Script.Write(X, 1), Script.WriteBarrier, Script.Write(X + 4, 2), Script.FullBarrier,
            Script.Read(2, X), Script.ReadBarrier, Script.Read(3, X + 4), Script.Delay(10), Script.DelayBy(1), Script.Delay(-1),
            Script.End);
        Assert.Equal((1UL, 2UL), (f.R(2), f.R(3)));
    }
}
