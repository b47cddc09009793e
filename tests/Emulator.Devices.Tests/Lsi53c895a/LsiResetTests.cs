namespace Emulator.Devices.Tests;

/// <summary>Resets at any moment of any work, by every road.</summary>
public class LsiResetTests
{
    private const ulong Word = LsiBoard.Data;
    private const int Rounds = 300;

    // What the chip may be in the middle of.
    private static Dictionary<string, Func<LsiProgram>> Busy { get; } = new()
    {
        ["stores"] = () => new LsiProgram().Label("again").Store(LsiRegister.ScratchA, 4, Word).IntFly().Jump(LsiProgram.Always, "again"),
        ["a wait"] = () => new LsiProgram().WaitReselect("signal").Label("signal").Int(1),
        ["copies"] = () => new LsiProgram().Label("again").MoveMemory(0x4_0000, LsiBoard.Data, LsiBoard.Data + 0x8_0000).Jump(LsiProgram.Always, "again"),
        ["a selection"] = () => LsiCommands.One(5, 1, 6, LsiPhase.DataIn, 0),
        ["a command"] = () => LsiCommands.One(0, 1, 6, LsiPhase.DataIn, 0x2_0000),
        ["its own reset"] = () => new LsiProgram().Modify(LsiRegister.InterruptStatus0, LsiOperator.Or, 0x40).Int(1),
    };

    public static TheoryData<string> Kinds => new(Busy.Keys);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void After_a_reset_nothing_of_what_was_under_way_happens(string kind)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new LsiBoard();
        var program = Busy[kind]();
        board.Unit.PieceSize = 4096;
        for (var round = 0; round < Rounds; round++)
        {
            board.SetUp();
            board.Unit.IsSlow = random.Next(2) == 0;
            board.Put([random.Next(2) == 0 ? LsiCommands.Identify : LsiCommands.IdentifyDisconnect], LsiTestUnit.Of(LsiTestUnit.Read, 0x2_0000));
            board.Write(LsiRegister.ScratchA, 0x11111111);
            board.Start(program);
            Thread.SpinWait(random.Next(300));
            board.Unit.Release();
            Thread.SpinWait(random.Next(300));
            switch (random.Next(3))
            {
                case 0:
                    board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
                    break;
                case 1:
                    board.Ports.Write(LsiBoard.Port + (ushort)LsiRegister.InterruptStatus0, 1, (ulong)LsiInterruptStatus0.SoftwareReset);
                    break;
                default:
                    board.Bus.Reset();
                    board.PlaceWindows();
                    break;
            }

            // From here on memory and registers are the driver's.
            board.Store(Word, 0xAAAA5555);
            for (var look = 0; look < 5; look++)
            {
                var seen = (board.Load(Word), (ulong)board.Istat, board[LsiRegister.InterruptStatus1], board.Read(LsiRegister.ScratchA), board.Interrupts);
                Assert.True(seen == (0xAAAA5555, 0, 0, 0, false), $"{kind}, round {round}, seed {seed}: {seen}");
                Thread.SpinWait(20);
            }
        }

        board.SetUp();
        board.Unit.IsSlow = false;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void Several_processors_may_start_abort_and_reset_at_once()
    {
        using var board = new LsiBoard();
        var programs = Busy.Values.Select(make => make()).ToArray();
        for (var i = 0; i < programs.Length; i++)
        {
            board.Put(LsiBoard.Program + ((ulong)i * 0x400), programs[i].At(LsiBoard.Program + ((ulong)i * 0x400)));
        }

        board.Put([LsiCommands.IdentifyDisconnect], LsiTestUnit.Of(LsiTestUnit.Read, 0x2000));
        var threads = Enumerable.Range(0, 3).Select(number => new Thread(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                switch ((i + number) % 8)
                {
                    case 0:
                        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
                        break;
                    case 1:
                        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.Abort;
                        break;
                    case 2:
                        board[LsiRegister.ScsiControl1] = (byte)LsiScsiControl1.AssertReset;
                        board[LsiRegister.ScsiControl1] = 0;
                        break;
                    case 3:
                        board.Read(LsiRegister.ScsiInterruptStatus0, 2);
                        board.Read(LsiRegister.DmaStatus, 1);
                        break;
                    default:
                        board.Write(LsiRegister.ScriptsPointer, LsiBoard.Program + ((ulong)(i % programs.Length) * 0x400));
                        break;
                }
            }
        })
        { Name = $"processor {number}" }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(Deadline.Join);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
        board.SetUp();
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void A_reset_of_the_chip_does_not_take_back_one_of_the_bus_that_is_on_its_way()
    {
        // The driver sees SIST0.RST at once and resets the chip, maybe before the I/O thread has got to the units.
        using var board = new LsiBoard();
        Thread reset;
        using (board.HoldThread())
        {
            board[LsiRegister.ScsiControl1] = (byte)LsiScsiControl1.AssertReset;
            board[LsiRegister.ScsiControl1] = 0;
            reset = new Thread(() => board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset);
            reset.Start();

            Deadline.Until(IsResetting, "the reset");
        }

        Deadline.Join(reset);
        board.Settle();
        Assert.Equal(["reset"], board.Unit.Events);

        bool IsResetting()
        {
            lock (board.Function.Lock)
            {
                return board.Function.IsResetting;
            }
        }
    }
}
