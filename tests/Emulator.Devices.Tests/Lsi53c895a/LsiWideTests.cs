namespace Emulator.Devices.Tests;

/// <summary>A driver of sixteen bits that has its data in pieces of any length: mismatches, residues and saved pointers as in sym53c8xx_2.</summary>
public class LsiWideTests
{
    private const int Rounds = 60;

    [Theory]
    [InlineData(LsiPhase.DataIn)]
    [InlineData(LsiPhase.DataOut)]
    public void Whatever_the_lengths_each_byte_arrives_once_and_the_residual_count_is_right(LsiPhase phase)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new LsiBoard();
        board[LsiRegister.ScsiControl3] = (byte)LsiScsiControl3.EnableWide;
        board[LsiRegister.ChipControl0] = (byte)(random.Next(2) == 0 ? 0 : LsiChipControl0.EnableJump);
        board.Write(LsiRegister.PhaseMismatchJump1, LsiBoard.Program + 0x800);
        board.Write(LsiRegister.PhaseMismatchJump2, LsiBoard.Program + 0x800);
        board.Put(LsiBoard.Program + 0x800, new LsiProgram().Int(Driver.Mismatch).At(0));
        for (var round = 0; round < Rounds; round++)
        {
            var length = random.Next(1, 300);
            var isIn = phase == LsiPhase.DataIn;
            board.Unit.PieceSize = isIn ? random.Next(1, 80) : 512;
            board.Unit.IsSlowBetween = isIn && random.Next(2) == 0;
            board.Unit.Written.Clear();
            var driver = new Driver(board, random, phase, length);
            var context = $"seed {seed}, round {round}, {length} bytes in pieces of {board.Unit.PieceSize}";
            Assert.True(driver.Run(), context);
            if (isIn)
            {
                Assert.True(length == driver.Moved, $"{context}: {driver.Moved}");
                Assert.True(driver.Data.SequenceEqual(Enumerable.Range(0, length).Select(LsiTestUnit.Pattern)), context);
            }
            else
            {
                Assert.True(board.Unit.Written.SequenceEqual(driver.Data.Take(length)), context);
            }
        }
    }

    /// <summary>A command, phase by phase; the data is scattered over segments, each at a place of its own.</summary>
    private sealed class Driver
    {
        public const uint Mismatch = 0xAA;
        private const uint Went = 0x55;
        private const ulong Stride = 0x1000;

        private readonly LsiBoard _board;
        private readonly LsiPhase _phase;
        private readonly List<int> _segments = [];
        private readonly int _length;

        public Driver(LsiBoard board, Random random, LsiPhase phase, int length)
        {
            (_board, _phase, _length) = (board, phase, length);

            // A reader has more room than there is, sometimes; a writer of an odd number of bytes has one more.
            var room = phase == LsiPhase.DataIn ? length + random.Next(0, 40) : length + (length & 1);
            while (room > 0)
            {
                _segments.Add(random.Next(1, Math.Min(room, 90) + 1));
                room -= _segments[^1];
            }

            for (var at = 0; at < _segments.Sum(); at++)
            {
                board.Store(Place(at, out _), phase == LsiPhase.DataIn ? 0xEEUL : LsiTestUnit.Pattern(at), 1);
            }
        }

        /// <summary>The data pointer.</summary>
        public int Moved { get; private set; }

        public IEnumerable<byte> Data => Enumerable.Range(0, _phase == LsiPhase.DataIn ? Moved : _segments.Sum()).Select(at => (byte)_board.Load(Place(at, out _), 1));

        public bool Run()
        {
            _board.Put([LsiCommands.IdentifyDisconnect, 1, 2, 3, 1], LsiTestUnit.Of(_phase == LsiPhase.DataIn ? LsiTestUnit.Read : LsiTestUnit.Write, _length));
            Do(new LsiProgram()
                .Select(0, "end")
                .Move(LsiPhase.MessageOut, 5, LsiBoard.MessageOut)
                .Move(LsiPhase.MessageIn, 4, LsiBoard.MessageIn)
                .ClearAck()
                .Move(LsiPhase.Command, 6, LsiBoard.Command)
                .Label("end"));
            for (var step = 0; step < 2000; step++)
            {
                // The next phase, once it is there.
                Do(new LsiProgram().Jump(LsiProgram.Phase(LsiPhase.DataOut, wait: true), "end").Label("end"));
                var phase = (LsiPhase)_board[LsiRegister.BusControlLines] & (LsiPhase)7;
                if (phase == _phase)
                {
                    MoveData();
                    continue;
                }

                MoveResidue();
                if (phase == LsiPhase.Status)
                {
                    Do(new LsiProgram().Move(LsiPhase.Status, 1, LsiBoard.Status));
                }
                else if (phase != LsiPhase.MessageIn || TakeMessage())
                {
                    return phase == LsiPhase.MessageIn;
                }
            }

            return false;
        }

        private bool HasResidue => (_board[LsiRegister.ScsiControl2] & (byte)LsiScsiControl2.WideReceive) != 0;

        private void MoveData()
        {
            var address = Place(Moved, out var left);
            if (Do(new LsiProgram().Chain(_phase, (uint)left, address)))
            {
                Moved += left;
                return;
            }

            Moved += left - (int)(_board.Read(LsiRegister.RemainingByteCount) & 0xFFFFFF);
        }

        // What waits in SWIDE goes where the data goes on; no target is needed for that.
        private void MoveResidue()
        {
            if (HasResidue && Moved < _segments.Sum())
            {
                Assert.True(Do(new LsiProgram().Chain(LsiPhase.DataIn, 1, Place(Moved, out _))));
                Moved++;
            }
        }

        // True behind COMMAND COMPLETE.
        private bool TakeMessage()
        {
            Do(new LsiProgram().Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn));
            switch (_board.Load(LsiBoard.MessageIn, 1))
            {
                case 0x00:
                    Do(new LsiProgram().Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x76).ClearAck().WaitDisconnect());
                    return true;
                case 0x04:
                    Do(new LsiProgram()
                        .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x76)
                        .ClearAck()
                        .WaitDisconnect()
                        .WaitReselect("end")
                        .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                        .ClearAck()
                        .Label("end"));
                    return false;
                case 0x23:
                    Do(new LsiProgram().ClearAck().Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn + 1).ClearAck());
                    Assert.Equal(1UL, _board.Load(LsiBoard.MessageIn + 1, 1));
                    if (HasResidue)
                    {
                        _board[LsiRegister.ScsiControl2] = (byte)(LsiScsiControl2.WideReceive | LsiScsiControl2.DisconnectUnexpected);
                    }
                    else
                    {
                        Moved--;
                    }

                    return false;
                default:
                    Do(new LsiProgram().ClearAck());
                    return false;
            }
        }

        // False if a mismatch ended it. Whatever the unit is slow with goes on.
        private bool Do(LsiProgram program)
        {
            const LsiInterruptStatus0 Pending = LsiInterruptStatus0.ScsiPending | LsiInterruptStatus0.DmaPending;
            _board.Start(program.Int(Went));
            Deadline.Until(
                () =>
                {
                    _board.Unit.Release();
                    return (_board.Istat & Pending) != 0;
                },
                "an interrupt");
            var cause = _board.WaitForScsi();
            if (cause == 0)
            {
                Assert.Equal(LsiDmaStatus.ScriptInterrupt, _board.WaitForDma());
                return _board.Read(LsiRegister.ScriptsPointerSave) == Went;
            }

            Assert.Equal(LsiScsiCause.PhaseMismatch, cause);
            return false;
        }

        // Where a byte is, and how many there are from there to the end of its segment.
        private ulong Place(int at, out int left)
        {
            var segment = 0;
            while (segment < _segments.Count && at >= _segments[segment])
            {
                at -= _segments[segment++];
            }

            Assert.True(segment < _segments.Count);
            left = _segments[segment] - at;
            return LsiBoard.Data + ((ulong)segment * Stride) + (ulong)at;
        }
    }
}
