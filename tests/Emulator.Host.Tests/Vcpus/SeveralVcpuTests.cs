using Emulator.Host.Hosting;
using Emulator.Host.Tests.CommandLine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Host.Tests.Vcpus;

/// <summary>Whole machines of several interpreted vCPUs.</summary>
public sealed class SeveralVcpuTests : IDisposable
{
    private const uint Counter = SmpGuest.Data;

    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-test-").FullName;
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Two_vcpus_interrupt_each_other()
    {
        // The second announces itself by vector 0x40, is answered with 0x41, and ends the run.
        static void Answer(Assembler code)
        {
            SmpGuest.Send(code, 1, 0x41);
            code.mov(__dword_ptr[SmpGuest.EndOfInterrupt], 0);
            code.iretd();
        }

        static void End(Assembler code) => SmpGuest.Exit(code, 5);

        var image = SmpGuest.Image(
            first: code =>
            {
                SmpGuest.StartAll(code);
                SmpGuest.HaltForEver(code);
            },
            others: code =>
            {
                SmpGuest.Send(code, 0, 0x40);
                SmpGuest.HaltForEver(code);
            },
            (0x40, Answer),
            (0x41, End));
        Assert.Equal(11, await RunAsync(image, "-smp", "2"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(255)]
    public async Task Every_vcpu_starts_and_counts_itself_under_lock(int processors)
    {
        var image = SmpGuest.Image(
            first: code =>
            {
                var again = code.CreateLabel();
                SmpGuest.StartAll(code);
                code.Label(ref again);
                code.pause();
                code.cmp(__dword_ptr[Counter], (processors - 1) * 1000);
                code.jne(again);
                SmpGuest.Exit(code, 3);
            },
            others: code =>
            {
                var again = code.CreateLabel();
                code.mov(ecx, 1000);
                code.Label(ref again);
                code.@lock.inc(__dword_ptr[Counter]);
                code.loop(again);
                code.hlt();
            });
        Assert.Equal(7, await RunAsync(image, "-smp", $"cpus={processors}"));
    }

    [Fact]
    public async Task A_machine_ends_and_resets_with_vcpus_that_wait_for_start_up()
    {
        var image = SmpGuest.Image(
            first: code =>
            {
                ResetUntilThirdStart(code);
            },
            others: code => code.hlt());
        Assert.Equal(7, await RunAsync(image, "-smp", "4"));
    }

    [Fact]
    public async Task A_reset_stops_running_vcpus_which_then_wait_again()
    {
        // Each start has the others run a loop, which after a reset must not run on.
        var image = SmpGuest.Image(
            first: code =>
            {
                var wait = code.CreateLabel();
                code.mov(__dword_ptr[Counter], 0);
                SmpGuest.StartAll(code);
                code.Label(ref wait);
                code.pause();
                code.cmp(__dword_ptr[Counter], 3);
                code.jne(wait);
                ResetUntilThirdStart(code);
            },
            others: code =>
            {
                var again = code.CreateLabel();
                code.@lock.inc(__dword_ptr[Counter]);
                code.Label(ref again);
                code.jmp(again);
            });
        Assert.Equal(7, await RunAsync(image, "-smp", "4"));
    }

    [Fact]
    public async Task A_triple_fault_of_any_vcpu_ends_the_run_and_names_it()
    {
        var image = SmpGuest.Image(
            first: code =>
            {
                SmpGuest.StartAll(code);
                SmpGuest.HaltForEver(code);
            },
            others: code =>
            {
                code.push(0);
                code.push(0);
                code.lidt(__fword_ptr[esp]);
                code.int3();
            });
        Assert.Equal(ExitStatus.TripleFault, await RunAsync(image, "-smp", "2"));
        Assert.StartsWith("emulator: triple fault\nCPU 1\nRAX=", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_stamp_counters_are_in_step()
    {
        // The first notes its counter, then releases the second, whose counter must be past it; and the other way round.
        const uint Turn = Counter;
        const uint Stamp = Counter + 0x40;
        static void Compare(Assembler code, int own, int next, byte bad)
        {
            var again = code.CreateLabel();
            var good = code.CreateLabel();
            code.mov(ebx, 1000);
            code.Label(ref again);
            code.pause();
            code.cmp(__dword_ptr[Turn], own);
            code.jne(again);
            code.rdtsc();
            code.mov(ecx, eax);
            code.mov(esi, edx);
            code.sub(ecx, __dword_ptr[Stamp]);
            code.sbb(esi, __dword_ptr[Stamp + 4]);
            code.jae(good);
            SmpGuest.Exit(code, bad);
            code.Label(ref good);
            code.mov(__dword_ptr[Stamp], eax);
            code.mov(__dword_ptr[Stamp + 4], edx);
            code.mov(__dword_ptr[Turn], next);
            code.dec(ebx);
            code.jnz(again);
        }

        var image = SmpGuest.Image(
            first: code =>
            {
                SmpGuest.StartAll(code);
                Compare(code, 0, 1, 0x20);
                SmpGuest.Exit(code, 3);
            },
            others: code =>
            {
                Compare(code, 1, 0, 0x21);
                code.hlt();
            });
        Assert.Equal(7, await RunAsync(image, "-smp", "2"));
    }

    private Task<int> RunAsync(byte[] image, params string[] words)
    {
        var path = Path.Combine(_folder, "guest.elf");
        File.WriteAllBytes(path, image);
        return new MachineRunner(_error).RunAsync(
            CommandLineHarness.Describe(["-kernel", path, "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-timeout", "30", .. words]),
            TestContext.Current.CancellationToken);
    }

    // The CMOS keeps the number of starts; the third ends with 3.
    private static void ResetUntilThirdStart(Assembler code)
    {
        var done = code.CreateLabel();
        code.mov(al, 0x40);
        code.@out(0x70, al);
        code.@in(al, 0x71);
        code.inc(al);
        code.@out(0x71, al);
        code.cmp(al, 3);
        code.je(done);
        code.mov(al, 0xFE);
        code.@out(0x64, al);
        code.hlt();
        code.Label(ref done);
        SmpGuest.Exit(code, 3);
    }
}
