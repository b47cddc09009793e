using Emulator.Fuzz;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>The registers of every PCI function, through every window, against the tables of their data sheets.</summary>
/// <remarks>A function is here by being in <see cref="FuzzTargets"/>.</remarks>
public sealed class FunctionRegisterTests
{
    private const int Rounds = 4;

    public static TheoryData<string, int> Windows =>
    [
        .. from target in FuzzTargets.All from window in target.Windows select new TheoryDataRow<string, int>(target.Name, window.Bar),
    ];

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(static target => target.Name)];

    /// <summary>Reset values, bits that keep what is written, bits that a one clears or a read, and nothing where there is no register.</summary>
    [Theory]
    [MemberData(nameof(Windows))]
    public void A_window_is_as_the_table_says_at_every_offset_size_and_alignment(string name, int bar)
    {
        using var rig = new Rig(name);
        var window = rig.Target.Windows.Single(each => each.Bar == bar);
        var behind = rig.Board.Function.Bars.Single(each => each.Index == bar);
        var isIo = behind.Kind == PciBarKind.Io;
        Assert.True((ulong)window.Length <= behind.Size);
        RegisterSweep.Check(
            window,
            isIo ? (ulong offset, int size, out ulong value) => rig.Board.Ports.Read((ushort)(behind.Address!.Value + offset), size, out value)
            : (ulong offset, int size, out ulong value) => rig.Board.Memory.Read(behind.Address!.Value + offset, size, out value),
            isIo ? (offset, size, value) => rig.Board.Ports.Write((ushort)(behind.Address!.Value + offset), size, value)
            : (offset, size, value) => rig.Board.Memory.Write(behind.Address!.Value + offset, size, value),
            rig.Board.Reset,
            isWhole: (ulong)window.Length == behind.Size);
    }

    /// <summary>Of live registers too, and of windows that have no table.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void After_anything_was_written_everywhere_a_reset_brings_everything_back(string name)
    {
        using var rig = new Rig(name);
        rig.Board.Reset();
        var fresh = rig.Everything();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var bar in rig.Board.Function.Bars)
            {
                for (ulong offset = 0; offset < bar.Size; offset += (ulong)random.Next(1, 8))
                {
                    var size = 1 << random.Next(4);
                    rig.Board.Write(bar.Index, offset, size, (ulong)random.NextInt64());
                    rig.Board.Read(bar.Index, offset, size);
                }
            }

            rig.Driver.Do(new FuzzOperation(FuzzVerb.Step, 20));
            rig.Board.Reset();
            var again = rig.Everything();
            var difference = fresh.AsSpan().CommonPrefixLength(again);
            Assert.True(difference == fresh.Length, $"seed {seed}: byte {difference:X} of the windows is {again.ElementAtOrDefault(difference):X}, was {fresh.ElementAtOrDefault(difference):X}");
        }
    }

    // A function on a board, with this thread as its driver's.
    private sealed class Rig : IDisposable
    {
        public Rig(string name)
        {
            Target = FuzzTargets.Find(name)!;
            Board = new FuzzBoard(Target);
            Driver = new LiveDriver(Board, Target.MayRunForever);
            Board.Begin();
        }

        public FuzzTarget Target { get; }

        public FuzzBoard Board { get; }

        public LiveDriver Driver { get; }

        public byte[] Everything()
        {
            var bytes = new List<byte>();
            foreach (var bar in Board.Function.Bars)
            {
                for (ulong offset = 0; offset < bar.Size; offset++)
                {
                    bytes.Add((byte)Board.Read(bar.Index, offset, 1));
                }
            }

            return [.. bytes];
        }

        public void Dispose()
        {
            Board.End();
            Assert.True(Board.Stop(Deadline.Patience));
            Board.Dispose();
            Assert.Null(Board.Finding);
        }
    }
}
