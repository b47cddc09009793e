using Emulator.Fuzz;

namespace Emulator.Devices.Tests;

/// <summary>The fuzzer finds what is there to be found, makes it short, and finds nothing where nothing is.</summary>
public class FuzzerTests
{
    private const int Inputs = 3000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(ToyBug.ThrowsInRegister, "DivideByZeroException", 1)]
    [InlineData(ToyBug.ThrowsInWork, "InvalidOperationException", 2)]
    [InlineData(ToyBug.LoopsOnDescriptor, "unbounded work", 2)]
    [InlineData(ToyBug.PostsForEver, "never idle", 2)]
    [InlineData(ToyBug.SulksAfterReset, "the check after the", 8)]
    [InlineData(ToyBug.ReadsTwice, "ArgumentOutOfRangeException", 12)]
    [InlineData(ToyBug.Allocates, "allocates", 8)]
    public void A_bug_is_found_and_its_input_is_made_short(ToyBug bug, string kind, int operations)
    {
        var target = new ToyTarget(bug);
        var (finding, input) = Find(target);
        Assert.StartsWith(kind, finding.Kind, StringComparison.Ordinal);
        Assert.True(input.Operations.Count <= operations, $"{finding.Kind}, seed {input.Seed}, {input.Operations.Count} operations:\n{input}");
        var again = FuzzRun.Execute(target, FuzzInput.Parse(input.ToString()), s_patience).Finding;
        Assert.Equal(finding.Kind, again?.Kind);
    }

    [Fact]
    public void A_byte_past_the_end_of_a_buffer_is_found()
    {
        var (finding, _) = Find(new ToyTarget(ToyBug.WritesPastTheEnd));
        Assert.Equal("guard", finding.Kind);
    }

    [Theory]
    [InlineData(ToyBug.DmaUnderLock)]
    [InlineData(ToyBug.Hangs)]
    public void Where_nothing_moves_any_more_it_is_noticed(ToyBug bug)
    {
        // Set up, then two doorbells with a step of the device's between them; then with three pieces.
        var input = FuzzInput.Parse("device toy\nseed 0\nwrite 0 4 4 3\nwrite 0 8 4 1\nstep 2\nwrite 0 8 4 1\nrun\n");
        var finding = FuzzRun.Execute(new ToyTarget(bug), input, TimeSpan.FromSeconds(1)).Finding;
        Assert.Equal(FuzzRun.Hang, finding?.Kind);
    }

    [Fact]
    public void A_device_with_nothing_wrong_has_nothing_found()
    {
        var fuzzer = new Fuzzer(new ToyTarget(ToyBug.None), s_patience);
        for (ulong seed = 0; seed < 500; seed++)
        {
            Assert.Null(fuzzer.Try(seed));
        }
    }

    [Fact]
    public void A_seed_makes_the_same_input_every_time_and_its_text_is_read_back()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var input = FuzzWriter.Make(FuzzTargets.All[0], seed);
            Assert.Equal(input.ToString(), FuzzWriter.Make(FuzzTargets.All[0], seed).ToString());
            Assert.Equal(input.Operations, FuzzInput.Parse(input.ToString()).Operations);
        }
    }

    [Theory]
    [InlineData("jump 1", "line 1: there is no operation jump; there are write, read,")]
    [InlineData("run\nread 0 1", "line 2: read takes 3 operands, not 2")]
    [InlineData("read 0 x 1", "line 1: x is no hexadecimal number")]
    public void A_line_that_is_none_is_named(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => FuzzInput.Parse(text)).Message, StringComparison.Ordinal);

    private static (FuzzFinding Finding, FuzzInput Input) Find(ToyTarget target)
    {
        var fuzzer = new Fuzzer(target, s_patience);
        for (ulong seed = 0; seed < Inputs; seed++)
        {
            if (fuzzer.Try(seed) is { } result)
            {
                return result;
            }
        }

        Assert.Fail($"{Inputs} inputs have not found it");
        return default;
    }
}
