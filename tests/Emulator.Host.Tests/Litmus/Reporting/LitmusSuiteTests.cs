using System.Text.Json;
using System.Text.RegularExpressions;
using Emulator.Host.CommandLine;
using Emulator.Host.Litmus;
using Emulator.Host.Tests.CommandLine;
using Emulator.Host.Tests.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Reporting;

public sealed class LitmusSuiteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Each_expectation_is_run_under_its_own_ordering_and_model_and_all_met_is_0()
    {
        Assert.Equal(ExitStatus.Success, await Run(new LitmusRequest { Files = ["MP+dma"], Runs = 300, Seed = 42 }));
        Assert.Equal("", _error.ToString());
        var test = LitmusFiles.Library.Single(t => t.Name == "MP+dma");
        Assert.Equal(
            from model in Enum.GetValues<MemoryModel>()
            from ordering in Enum.GetValues<DmaOrdering>()
            where test.Expected(ordering, model) is not null
            select $"{test.Expected(ordering, model)} under {DmaOrderings.Name(ordering)} {MemoryModels.Name(model)}: met",
            Regex.Matches(_output.ToString(), "^Expected (.*)$", RegexOptions.Multiline).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public async Task An_expectation_that_is_not_met_is_1()
    {
        var file = Write(Results.MessagePassing.Replace("expect full host tso weak: Never", "expect full tso: Sometimes", StringComparison.Ordinal));
        Assert.Equal(ExitStatus.TestsFailed, await Run(new LitmusRequest { Files = [file], Runs = 10, Model = MemoryModel.Tso }));
        Assert.Contains("Expected Sometimes under full tso: NOT met", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_2_and_nothing_runs()
    {
        var file = Write(Results.MessagePassing.Replace("mov ebx", "mvo ebx", StringComparison.Ordinal));
        Assert.Equal(ExitStatus.BadCommandLine, await Run(new LitmusRequest { Files = ["MP+dma", file] }));
        Assert.Equal("", _output.ToString());
        Assert.Matches($"^emulator: \\S*{Regex.Escape(Path.GetFileName(file))}:6:2: unknown instruction 'mvo'; did you mean 'mov'\\?.*\n$", _error.ToString());
    }

    [Theory]
    [InlineData("--html")]
    [InlineData("--json")]
    [InlineData("--trace")]
    public async Task A_file_that_cannot_be_written_is_2_and_nothing_runs(string option)
    {
        var path = _folder.File("no/such/folder");
        Assert.Equal(ExitStatus.BadCommandLine, await Run(new LitmusRequest
        {
            Files = ["MP+dma"],
            Ordering = DmaOrdering.Full,
            Model = MemoryModel.Weak,
            HtmlFile = option == "--html" ? path : null,
            JsonFile = option == "--json" ? path : null,
            TraceFile = option == "--trace" ? path : null,
        }));
        Assert.StartsWith($"emulator: {option} {path}: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().TrimEnd().Split('\n'));
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public async Task A_name_that_is_near_one_is_suggested()
    {
        Assert.Equal(ExitStatus.BadCommandLine, await Run(new LitmusRequest { Files = ["MP+dmx"] }));
        Assert.Contains("MP+dmx: there is no such file, nor such a test in the library; did you mean 'MP+dma'?", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MP+dma", "MP+dma")]
    [InlineData("2+2w", "2+2W+dma,2+2W+dma+wmb,2+2W+dma-dma")]
    [InlineData("2+2W+dma?*", "2+2W+dma+wmb,2+2W+dma-dma")]
    [InlineData("LB+dma TEAR", "LB+dma,TEAR+fetch,TEAR+fill")]
    public async Task A_name_means_itself_and_part_of_one_all_that_contain_it(string words, string names)
    {
        Assert.Equal(0, await Run(new LitmusRequest { Files = words.Split(' '), Ordering = DmaOrdering.Relaxed, Model = MemoryModel.Weak, Explore = true }));
        Assert.Equal(names, string.Join(',', Regex.Matches(_output.ToString(), "^Test (\\S+)", RegexOptions.Multiline).Select(m => m.Groups[1].Value)));
    }

    [Fact]
    public async Task The_command_that_is_printed_shows_the_outcome_again_by_itself()
    {
        await Run(new LitmusRequest { Files = ["MP+dma"], Ordering = DmaOrdering.Relaxed, Model = MemoryModel.Weak, Runs = 500, Seed = 7 });
        var again = Regex.Match(_output.ToString(), "^Again: emulator (.*)$", RegexOptions.Multiline).Groups[1].Value;
        Assert.StartsWith("litmus MP+dma -dma-ordering relaxed -memory-model weak --runs 1 --seed ", again, StringComparison.Ordinal);
        var output = new StringWriter { NewLine = "\n" };
        var command = new EmulatorCommand(
            (_, _) => Task.FromResult(70), (_, _) => Task.FromResult(70), (_, _) => Task.FromResult(70), new LitmusSuite(output, _error).RunAsync, output, _error);
        await command.InvokeAsync(again.Split(' '), TestContext.Current.CancellationToken);
        Assert.Contains("States 1\n1 *>P0:eax=1; P0:ebx=0;\nOk\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_agree_with_what_is_printed()
    {
        var (json, html) = (_folder.File("a.json"), _folder.File("a.html"));
        await Run(new LitmusRequest
        {
            Files = ["SB+dma+mfence"],
            Ordering = DmaOrdering.Split,
            Model = MemoryModel.Tso,
            Runs = 200,
            Seed = 42,
            JsonFile = json,
            HtmlFile = html,
        });
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        var result = Assert.Single(document.RootElement.EnumerateArray());
        var text = _output.ToString();
        Assert.Equal(("SB+dma+mfence", "split", "tso"), (Text("test"), Text("ordering"), Text("model")));
        Assert.Equal((200, 42), (Number("executions"), Number("first-seed")));
        Assert.False(result.GetProperty("complete").GetBoolean());
        Assert.Contains($"Condition {Text("condition")} is ", text, StringComparison.Ordinal);
        Assert.Contains($"Observation SB+dma+mfence {Text("observation")} {Number("positive")} {200 - Number("positive")}\n", text, StringComparison.Ordinal);
        var verdict = result.GetProperty("met").GetBoolean() ? "met" : "NOT met";
        Assert.Contains($"Expected {Text("expected")} under split tso: {verdict}\n", text, StringComparison.Ordinal);
        Assert.Contains($"--seed {Number("witness-seed")}\n", text, StringComparison.Ordinal);
        var states = result.GetProperty("states").EnumerateArray().ToArray();
        Assert.Equal(200, states.Sum(s => s.GetProperty("count").GetInt64()));
        Assert.Contains($"States {states.Length}\n", text, StringComparison.Ordinal);
        Assert.All(states, state => Assert.Contains(
            $"{state.GetProperty("count")} {(state.GetProperty("holds").GetBoolean() ? '*' : ':')}>"
                + string.Join(' ', state.GetProperty("values").EnumerateObject().Select(v => $"{v.Name}={v.Value};")),
            text,
            StringComparison.Ordinal));
        using var page = LitmusPageTests.Data(await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken));
        Assert.Equal("SB+dma+mfence", page.RootElement.GetProperty("tests")[0].GetProperty("name").GetString());

        string? Text(string name) => result.GetProperty(name).GetString();

        long Number(string name) => result.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task A_word_that_means_several_tests_cannot_be_traced()
    {
        var trace = _folder.File("t.jsonl");
        Assert.Equal(2, await Run(new LitmusRequest { Files = ["2+2W"], Ordering = DmaOrdering.Full, Model = MemoryModel.Weak, TraceFile = trace }));
        Assert.Equal("emulator: --trace: one execution is recorded, and '2+2W' means 3 tests\n", _error.ToString());
        Assert.False(File.Exists(trace));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7UL)]
    public async Task A_trace_is_of_the_seed_that_is_given_or_of_one_that_makes_the_condition_hold(ulong? seed)
    {
        var trace = _folder.File("t.jsonl");
        var asked = new LitmusRequest { Files = ["MP+dma"], Ordering = DmaOrdering.Relaxed, Model = MemoryModel.Weak, Seed = seed, TraceFile = trace };
        Assert.Equal((0, ""), (await Run(asked), _error.ToString()));
        var text = _output.ToString();
        var traced = Regex.Match(text, @"^Trace (\S+) of seed (\d+): emulator trace show \1 --html PAGE draws it\n\z", RegexOptions.Multiline);
        Assert.Equal(trace, traced.Groups[1].Value);
        if (seed is null)
        {
            Assert.Contains("\nPositive: 1, Negative: ", text, StringComparison.Ordinal);
            Assert.Contains($" --seed {traced.Groups[2].Value}\n", text, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("7", traced.Groups[2].Value);
            Assert.Contains(", seed 7\nStates 1\n", text, StringComparison.Ordinal);
        }

        using var header = JsonDocument.Parse(File.ReadLines(trace).First());
        Assert.Equal(traced.Groups[2].Value, header.RootElement.GetProperty("seed").GetRawText());
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("trace", "check", trace));
    }

    [Fact]
    public async Task A_test_that_expects_nothing_is_run_under_every_ordering_in_every_model()
    {
        var file = Write(Results.MessagePassing[..Results.MessagePassing.IndexOf("expect ", StringComparison.Ordinal)]);
        Assert.Equal(0, await Run(new LitmusRequest { Files = [file], Runs = 1 }));
        Assert.Equal(15, Regex.Matches(_output.ToString(), "^Ordering ", RegexOptions.Multiline).Select(m => m.Index).Distinct().Count());
        Assert.DoesNotContain("Expected", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_that_is_named_twice_runs_once()
    {
        Assert.Equal(0, await Run(new LitmusRequest { Files = ["LB+dma", "LB+dm?"], Ordering = DmaOrdering.Full, Model = MemoryModel.Weak, Explore = true }));
        Assert.Single(Regex.Matches(_output.ToString(), "^Test ", RegexOptions.Multiline));
    }

    [Fact]
    public async Task What_is_cancelled_ends_with_what_there_is_and_130()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var json = _folder.File("a.json");
        var suite = new LitmusSuite(_output, _error);
        Assert.Equal(ExitStatus.Interrupted, await suite.RunAsync(new LitmusRequest { Files = ["MP+dma"], JsonFile = json }, cancelled.Token));
        Assert.Equal("[]", await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
    }

    private Task<int> Run(LitmusRequest request) => new LitmusSuite(_output, _error).RunAsync(request, TestContext.Current.CancellationToken);

    private string Write(string text)
    {
        var path = _folder.File("mp.litmus");
        File.WriteAllText(path, text);
        return path;
    }
}
