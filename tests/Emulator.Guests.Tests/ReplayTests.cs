using System.Text;
using Emulator.Host.Testing;

namespace Emulator.Guests.Tests;

/// <summary>Whole machines under <c>-schedule deterministic</c>: what a seed repeats.</summary>
public sealed class ReplayTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-replay-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("host", 2)]
    [InlineData("weak", 10)]
    public async Task A_seed_gives_the_same_console_trace_and_status_each_time(string model, int runs)
    {
        var first = await RaceAsync(model, seed: 7);
        for (var run = 1; run < runs; run++)
        {
            Assert.Equal(first, await RaceAsync(model, seed: 7));
        }
    }

    [Fact]
    public async Task Different_seeds_give_different_interleavings()
    {
        var runs = new HashSet<string>();
        for (var seed = 1; seed <= 2; seed++)
        {
            var run = await RaceAsync("host", seed);
            runs.Add(run.Trace[run.Trace.IndexOf('\n', StringComparison.Ordinal)..]);
        }

        Assert.Equal(2, runs.Count);
    }

    [Fact]
    public async Task A_scripted_session_with_a_reset_in_it_replays()
    {
        var script = Path.Combine(_folder, "session");
        await File.WriteAllLinesAsync(
            script,
            ["# the monitor, as somebody would use it", "600000000 \"pci\\r\"", "+300000000 \"reboot\\r\"", "+600000000 \"exit 5\\r\""],
            TestContext.Current.CancellationToken);
        string[] words =
        [
            .. Words("monitor", seed: 3), "-smp", "2", "-serial", $"script:{script}", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
        ];

        var first = await RunAsync(words);
        var second = await RunAsync(words);

        Assert.Equal(11, first.ExitStatus);
        var console = Encoding.UTF8.GetString(first.Output);
        Assert.Contains("00:00.0  8086:1237", console, StringComparison.Ordinal);
        Assert.Equal(2, console.Split("A bare-metal monitor").Length - 1);
        Assert.Equal((first.ExitStatus, console), (second.ExitStatus, Encoding.UTF8.GetString(second.Output)));
    }

    // A function and a vCPU hand over records and interrupts: what is traced depends on who is when where.
    private async Task<(int? Status, string Console, string Trace)> RaceAsync(string model, int seed)
    {
        var trace = Path.Combine(_folder, "trace");
        var run = await RunAsync(
        [
            .. Words("dma-ordering", seed), "-no-reboot", "-append", "from=19 rounds=1000 ordering=full", "-device", "dma-test,id=dma",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-serial", "stdio", "-memory-model", model, "-trace", $"dma,file={trace},vcpu=on,limit=4M",
        ]);
        return (run.ExitStatus, Encoding.UTF8.GetString(run.Output), await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken));
    }

    private static string[] Words(string guest, int seed)
    {
        Assert.True(Manifest.Load(null).Get(out var manifest, out var mistake), mistake);
        return ["run", "-kernel", Path.Combine(manifest.Folder, "build", guest + ".elf"), "-nodefaults", "-schedule", "deterministic", "-seed", $"{seed}", "--timeout", "100"];
    }

    private static Task<ChildRun> RunAsync(string[] words) =>
        ChildRun.StartAsync(Path.Combine(AppContext.BaseDirectory, "emulator"), words, "", s_limit, TestContext.Current.CancellationToken);
}
