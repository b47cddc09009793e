using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>The test of the test: faults are caught, failures are seen and told so that one can act on them.</summary>
[Collection(nameof(DifferentialTests))]
public sealed class HarnessTests
{
    private const ulong Seed = 7;

    [Fact]
    public void A_wrong_register_flag_and_byte_are_each_named()
    {
        NativeExecutor native = DifferentialTests.Truth();
        string report = RunTampered(native, "Add_rm32_r32", outcome =>
        {
            outcome.Gpr[9] ^= 0x100;
            outcome.Rflags ^= 1;
            outcome.Memory[0x123] ^= 0xFF;
        });

        Assert.StartsWith("1 of 1 cases disagree: Add_rm32_r32 1×", report, StringComparison.Ordinal);
        Assert.Contains("add ", report, StringComparison.Ordinal);
        Assert.Contains("R9     should be ", report, StringComparison.Ordinal);
        Assert.Contains("wrong: CF", report, StringComparison.Ordinal);
        Assert.Contains("[10001123] was ", report, StringComparison.Ordinal);
        Assert.Contains("EMULATOR_DIFF_SEED=0x7 EMULATOR_DIFF_CASE='Add_rm32_r32#3@0'", report, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_in_place_of_a_result_is_named()
    {
        NativeExecutor native = DifferentialTests.Truth();
        string report = RunTampered(native, "Add_rm32_r32", outcome =>
        {
            outcome.Vector = 6;
            outcome.Rip = DiffLayout.CodeSlot(0) + DiffLayout.Entry;
        });

        Assert.Contains("the processor: went on behind the code", report, StringComparison.Ordinal);
        Assert.Contains("the other: #UD", report, StringComparison.Ordinal);
    }

    [Fact]
    public void An_executor_that_cannot_run_a_case_is_a_failure()
    {
        NativeExecutor native = DifferentialTests.Truth();
        string report = RunTampered(native, "Add_rm32_r32", outcome => outcome.Trouble = "exit Shutdown");
        Assert.Contains("the other: exit Shutdown", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flag_that_is_undefined_is_not_compared()
    {
        NativeExecutor native = DifferentialTests.Truth();
        string report = RunTampered(native, "And_rm32_r32", outcome => outcome.Rflags ^= 0x10);
        Assert.Equal("", report);
    }

    [Fact]
    public void A_case_is_the_same_when_made_again_from_its_name()
    {
        NativeExecutor native = DifferentialTests.Truth();
        DiffCase first = new(5);
        DiffCase second = new(5);
        foreach (Form form in FormCatalog.Forms)
        {
            new CaseBuilder(native.LeaveAddress).Build(first, form, 17, Seed);
            new CaseBuilder(native.LeaveAddress).Build(second, form, 17, Seed);
            Assert.Equal(first.Code, second.Code);
            Assert.Equal(first.Gpr, second.Gpr);
            Assert.Equal(first.Rflags, second.Rflags);
            Assert.Equal(first.Memory, second.Memory);
        }
    }

    [Fact]
    public void The_hosts_faults_are_caught_with_their_vector_and_place()
    {
        NativeExecutor native = DifferentialTests.Truth();
        Outcome outcome = RunBytes(native, [0xF7, 0xF1], test => test.Gpr[1] = 0); // div ecx
        Assert.Equal(0, outcome.Vector);
        Assert.Equal(DiffLayout.CodeSlot(0) + DiffLayout.Entry, outcome.Rip);

        outcome = RunBytes(native, [0x48, 0x89, 0x01], test => test.Gpr[1] = test.DataBase + DiffLayout.WritableSize - 4); // mov [rcx], rax
        Assert.Equal(14, outcome.Vector);
        Assert.Equal(6ul, outcome.ErrorCode);

        outcome = RunBytes(native, [0x48, 0x89, 0x01], test => test.Gpr[1] = test.DataBase - 1);
        Assert.Equal(14, outcome.Vector);
        Assert.Equal(7ul, outcome.ErrorCode);

        Assert.Equal(6, RunBytes(native, [0x0F, 0x0B], _ => { }).Vector); // ud2
        Assert.Equal(13, RunBytes(native, [0xF4], _ => { }).Vector); // hlt
        Assert.Equal(-1, RunBytes(native, [0x90], _ => { }).Vector);
    }

    [Fact]
    public void The_runtimes_own_null_checks_work_after_a_batch()
    {
        NativeExecutor native = DifferentialTests.Truth();
        _ = RunBytes(native, [0x0F, 0x0B], _ => { });
        Assert.Throws<NullReferenceException>(() => LengthOf(null!));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LengthOf(byte[] array) => array.Length;

    private static Outcome RunBytes(NativeExecutor native, byte[] bytes, Action<DiffCase> prepare)
    {
        DiffCase test = new(0);
        Outcome outcome = new();
        test.Clear("bytes", 0, Seed);
        test.Rflags = 0x202;
        bytes.CopyTo(test.Code, DiffLayout.Entry);
        test.CodeEnd = DiffLayout.Entry + bytes.Length;
        test.LayPad(test.CodeEnd, DiffLayout.StoppedBehind, native.LeaveAddress);
        prepare(test);
        native.Run([test], [outcome]);
        return outcome;
    }

    private static string RunTampered(NativeExecutor native, string form, Action<Outcome> tamper)
    {
        DiffRun run = new(native, new Tampering(native, tamper), "the other");
        CaseBuilder builder = new(native.LeaveAddress);
        run.Add(form, 3, 4, (test, index) => builder.Build(test, FormCatalog.Forms.Single(known => known.Name == form), index, Seed));
        run.Flush();
        return run.Report();
    }

    /// <summary>Does what another does, and then spoils it.</summary>
    private sealed class Tampering(IExecutor inner, Action<Outcome> tamper) : IExecutor
    {
        public void Run(ReadOnlySpan<DiffCase> cases, ReadOnlySpan<Outcome> outcomes)
        {
            inner.Run(cases, outcomes);
            foreach (Outcome outcome in outcomes)
            {
                tamper(outcome);
            }
        }
    }
}
