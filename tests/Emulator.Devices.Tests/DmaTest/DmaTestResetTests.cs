namespace Emulator.Devices.Tests;

/// <summary>Stop and reset at any moment, and functions that share a thread.</summary>
public class DmaTestResetTests
{
    private const ulong X = 0x10000;
    private const ulong Record = 0x8000;

    private static readonly DmaTestInstruction[] Endless =
    [
        Script.Do(DmaTestOpcode.Add, 1, 1, 1),
        Script.WriteR(X, 1, 8),
        Script.Raise(0x100),
        Script.Jump(0),
    ];

    public static TheoryData<string> Kinds => new(Busy.Keys);

    // What a function may be in the middle of.
    private static Dictionary<string, DmaTestInstruction[]> Busy { get; } = new()
    {
        ["words"] = Endless,
        ["a wait"] = [Script.Wait(1, X + 64, DmaTestCondition.Equal, 1), Script.Write(X, 1), Script.End],
        ["copies"] = [Script.Set(2, 0x10_0000), Script.Copy(2, 0x20_0000, 1 << 20), Script.Record(X, 1, 3), Script.Jump(1)],
        ["delays"] = [Script.Delay(65535), Script.Record(X, 1, 3), Script.Jump(0)],
        ["ends"] = [Script.Record(X, 1, 3), Script.End],
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Stop_ends_a_script_between_two_instructions(string kind)
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.Put([.. Busy[kind]]);
        f.Ring();
        f.Write(DmaTestRegister.Control, (ulong)DmaTestControl.Stop);
        f.WaitForEnd();
        Assert.True(f.State is DmaTestState.Stopped or DmaTestState.Done);
        Deadline.Until(() => (f.Read(DmaTestRegister.InterruptCause) & 7) != 0, "the cause");
        var before = board.Load(X, 8);
        f.RunWell(Script.Delay(100), Script.End);
        Assert.Equal(before, board.Load(X, 8));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void After_a_reset_nothing_of_the_script_happens(string kind)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = DmaTestBoard.WithFunction(out var f);
        for (var i = 0; i < 1000; i++)
        {
            f.Write(DmaTestRegister.RecordAddress, Record, 8);
            f.Write(DmaTestRegister.Control, (ulong)DmaTestControl.Record);
            f.Write(DmaTestRegister.InterruptEnable, 0xFFFFFFFF);
            f.Put([.. Busy[kind]]);
            f.Ring();
            Thread.SpinWait(random.Next(200));
            switch (random.Next(3))
            {
                case 0:
                    f.Reset();
                    break;
                case 1:
                    board.Ports.Write((ushort)(f.Port + (int)DmaTestRegister.Control), 1, (ulong)DmaTestControl.Reset);
                    break;
                default:
                    board.Bus.Reset();
                    break;
            }

            // From here on memory and registers are the driver's.
            board.Store(X, 0xAAAA_5555_AAAA_5555, 8);
            board.Store(Record, 0, 8);
            f.TurnOn();
            for (var look = 0; look < 5; look++)
            {
                Assert.True(
                    (board.Load(X, 8), board.Load(Record, 8), (ulong)f.Status, f.Read(DmaTestRegister.InterruptCause), f.Read(DmaTestRegister.Sequence), f.Interrupts)
                        == (0xAAAA_5555_AAAA_5555, 0, 0, 0, 0, false),
                    $"round {i}, seed {seed}");
                Thread.SpinWait(20);
            }

            board.Store(X, 0, 8);
        }
    }

    [Fact]
    public void Several_processors_may_reset_and_ring_at_once()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        var threads = Enumerable.Range(0, 3).Select(number => new Thread(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                switch ((i + number) % 4)
                {
                    case 0:
                        f.Reset();
                        break;
                    case 1:
                        f.Put(Endless);
                        break;
                    default:
                        f.Ring();
                        break;
                }
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, Deadline.Join);
        f.Reset();
        Assert.Equal(0U, f.Status);
        f.RunWell(Script.Write(X, 77), Script.End);
        Assert.Equal(77UL, board.Load(X));
    }

    [Fact]
    public void A_reset_leaves_configuration_alone_and_clears_script_buffer_and_registers()
    {
        using var board = DmaTestBoard.WithFunction(out var f);
        f.RunWell(Script.Part(DmaTestOpcode.Fill, 0, 4096, ulong.MaxValue), Script.Set(1, 5), Script.End);
        f.Reset();
        Assert.Equal(0UL, f.R(1));
        Assert.Equal(new byte[2048], board.Bytes(f.Window + 0x800, 2048));
        f.RunWell(Script.Part(DmaTestOpcode.Compare, 0, 4096, 0, a: 2), Script.End);
        Assert.Equal(4096UL, f.R(2));
    }

    [Fact]
    public void Functions_on_one_thread_both_get_on()
    {
        using var board = new DmaTestBoard();
        var thread = board.NewThread();
        var (first, second) = (board.Add(thread), board.Add(thread));
        first.Put(Script.Wait(1, X, DmaTestCondition.Equal, 1), Script.Publish(X + 64, 1), Script.End);
        second.Put(Script.Publish(X, 1), Script.Wait(1, X + 64, DmaTestCondition.Equal, 1), Script.End);
        first.Ring();
        second.Ring();
        first.WaitForEnd();
        second.WaitForEnd();
        Assert.Equal((DmaTestState.Done, DmaTestState.Done), (first.State, second.State));

        first.Put(Script.Jump(0));
        first.Ring();
        for (var i = 0; i < 100; i++)
        {
            second.RunWell(Script.End);
        }

        Assert.Equal(DmaTestState.Running, first.State);
        second.Reset();
        Assert.Equal(DmaTestState.Running, first.State);
        first.Reset();
        Assert.Equal(0U, first.Status);
    }
}
