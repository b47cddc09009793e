using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Emulator.Host.Litmus;
using Emulator.Host.Machine;
using Emulator.Host.Testing;
using Emulator.Host.Testing.Teeth;

namespace Emulator.Host.CommandLine;

/// <summary>The command line: reads it, says what is wrong with it in one line, or does what it asks.</summary>
internal sealed class EmulatorCommand
{
    private static readonly string[] s_verbs = ["run", "test", "teeth", "litmus", "trace", "devices"];

    private static readonly string[] s_helpWords = ["-h", "-help", "--help", "-?", "-version", "--version"];

    private readonly RootCommand _root;
    private readonly Command _run;
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Dictionary<Option, RunOption> _runOptions = [];

    /// <summary>Builds the command line around what its verbs do.</summary>
    /// <param name="run">Runs a machine; returns the exit status.</param>
    /// <param name="test">Runs the guest suite; returns the exit status.</param>
    /// <param name="teeth">Breaks ordering sites; returns the exit status.</param>
    /// <param name="litmus">Runs litmus tests; returns the exit status.</param>
    /// <param name="output">Help and lists.</param>
    /// <param name="error">The one line of a mistake.</param>
    public EmulatorCommand(
        Func<MachineDescription, CancellationToken, Task<int>> run,
        Func<SuiteRequest, CancellationToken, Task<int>> test,
        Func<TeethRequest, CancellationToken, Task<int>> teeth,
        Func<LitmusRequest, CancellationToken, Task<int>> litmus,
        TextWriter output,
        TextWriter error)
    {
        (_output, _error) = (output, error);
        _root = new RootCommand("A PC in C#: runs bare-metal guests, kernels and firmware.");
        _root.Directives.Clear();
        _run = RunCommand(run);
        _root.Subcommands.Add(_run);
        _root.Subcommands.Add(TestCommand(test));
        _root.Subcommands.Add(TeethCommand.Create(teeth));
        _root.Subcommands.Add(LitmusCommand.Create(litmus, Refuse));
        _root.Subcommands.Add(TraceCommand.Create(output, error));
        _root.Subcommands.Add(DevicesCommand());
        foreach (var option in _root.Options)
        {
            if (option is HelpOption)
            {
                option.Aliases.Add("-help");
            }
            else if (option is VersionOption)
            {
                option.Aliases.Add("-version");
            }
        }
    }

    /// <summary>Does what the words ask; returns the exit status.</summary>
    public Task<int> InvokeAsync(string[] words, CancellationToken cancellation = default)
    {
        var parsed = Parse(words);
        if (parsed.Action is not HelpAction && FindMistake(parsed) is { } mistake)
        {
            return Refuse(mistake);
        }

        return parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = _output,
                Error = _error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            cancellation);
    }

    private ParseResult Parse(string[] words)
    {
        if (words.Length == 1 && s_helpWords.Contains(words[0]))
        {
            return Parse(_root, words);
        }

        var hasVerb = words.Length > 0 && s_verbs.Contains(words[0]);
        var verb = hasVerb ? words[0] : "run";
        var rest = hasVerb ? words[1..] : words;
        return Parse(_root, [verb, .. verb == "run" ? QemuSpelling.Bind(rest, RunOptions.All) : rest]);
    }

    private static ParseResult Parse(Command command, IReadOnlyList<string> words) =>
        command.Parse(words, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });

    private static string? FindMistake(ParseResult parsed)
    {
        var strays = parsed.CommandResult.Tokens.Select(t => t.Value).Where(t => t.StartsWith('-')).Concat(parsed.UnmatchedTokens);
        if (strays.FirstOrDefault() is { } word)
        {
            return Unknown(word, parsed.CommandResult.Command);
        }

        if (parsed.Errors is not [var error, ..])
        {
            return null;
        }

        if (error.SymbolResult is OptionResult { IdentifierToken: { } name, Tokens: [] } option)
        {
            return $"{name.Value}: a value is missing: {name.Value} {option.Option.HelpName}";
        }

        return error.Message.ReplaceLineEndings(" ");
    }

    private static string Unknown(string word, Command command)
    {
        if (!word.StartsWith('-') || word == "-")
        {
            return command.Name != "run" ? $"{word}: not expected here"
                : s_verbs.Contains(word) ? $"{word}: the verb comes first: emulator {word} …"
                : Suggestion.Nearest(word, s_verbs) is { } verb ? $"{word}: unknown verb; did you mean '{verb}'?"
                : $"{word}: not expected here; give the image by -kernel {word} or -bios {word}";
        }

        var name = word.IndexOfAny(['=', ':']) is var end and > 0 ? word[..end] : word;
        var valid = command.Options.Where(o => !o.Hidden).SelectMany(o => o.Aliases.Prepend(o.Name)).ToArray();
        var dashed = name.StartsWith("--", StringComparison.Ordinal) ? valid.Where(v => v.StartsWith("--", StringComparison.Ordinal)) : valid.Where(v => !v.StartsWith("--", StringComparison.Ordinal));
        return Suggestion.Nearest(name, dashed) is { } near
            ? $"{name}: unknown option; did you mean '{near}'?"
            : $"{name}: unknown option; 'emulator {Path(command)} --help' lists the options";
    }

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault(p => p is not RootCommand) is { } above ? $"{Path(above)} {command.Name}" : command.Name;

    private Task<int> Refuse(string mistake)
    {
        _error.WriteLine($"emulator: {mistake}");
        return Task.FromResult(ExitStatus.BadCommandLine);
    }

    private Command RunCommand(Func<MachineDescription, CancellationToken, Task<int>> run)
    {
        var command = new Command("run", "Runs a machine; the verb may be left out.");
        foreach (var definition in RunOptions.All)
        {
            var option = ToOption(definition);
            _runOptions.Add(option, definition);
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellation) => Describe(parsed).Get(out var description, out var mistake)
            ? run(description, cancellation)
            : Refuse(mistake));
        return command;
    }

    private static Option ToOption(RunOption definition)
    {
        var aliases = definition.Spellings.Skip(1).ToArray();
        return definition.TakesValue
            ? new Option<string[]>("-" + definition.Name, aliases)
            {
                Description = definition.Meaning,
                HelpName = definition.ValueName,
                Arity = ArgumentArity.OneOrMore,
                AllowMultipleArgumentsPerToken = false,
            }
            : new Option<bool>("-" + definition.Name, aliases)
            {
                Description = definition.Meaning,
                Arity = ArgumentArity.Zero,
            };
    }

    /// <summary>Puts the options into a description in the order they were given.</summary>
    private Result<MachineDescription> Describe(ParseResult parsed)
    {
        var builder = new MachineDescriptionBuilder();
        foreach (var option in _run.Options)
        {
            if (!_runOptions.TryGetValue(option, out var definition) || parsed.GetResult(option) is not { Implicit: false } result)
            {
                continue;
            }

            var spelling = result.IdentifierToken?.Value ?? option.Name;
            if (!definition.TakesValue)
            {
                _ = definition.Apply(builder, "");
                continue;
            }

            foreach (var token in result.Tokens)
            {
                if (definition.Apply(builder, token.Value) is { } mistake)
                {
                    return new Failure(mistake.StartsWith('-') ? mistake : $"{spelling} {token.Value}: {mistake}");
                }
            }
        }

        return builder.Build();
    }

    private Command TestCommand(Func<SuiteRequest, CancellationToken, Task<int>> test)
    {
        var filter = new Argument<string?>("FILTER")
        {
            Description = "runs only the guests whose names contain this; * and ? match as in file names",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var junit = new Option<string?>("--junit", "-junit") { Description = "writes the results as JUnit XML", HelpName = "FILE" };
        var target = new Option<string>("--target", "-target")
        {
            Description = "self, or qemu to run each guest on both and compare",
            HelpName = "self|qemu",
            DefaultValueFactory = _ => "self",
        };
        var list = new Option<bool>("--list", "-list") { Description = "lists the guests and runs none" };
        var images = new Option<string?>("--images", "-images") { Description = "the manifest, if it is not guest-images/images.json", HelpName = "FILE" };
        var command = new Command("test", "Runs the guest suite by exit status.") { filter, junit, target, list, images };
        command.SetAction((parsed, cancellation) => parsed.GetValue(target) is not ("self" or "qemu")
            ? Refuse($"--target {parsed.GetValue(target)}: unknown target{Suggestion.For(parsed.GetValue(target) ?? "", ["self", "qemu"])}")
            : test(
                new SuiteRequest
                {
                    Filter = parsed.GetValue(filter),
                    JunitFile = parsed.GetValue(junit),
                    Target = parsed.GetValue(target) == "qemu" ? SuiteTarget.Qemu : SuiteTarget.Self,
                    ListOnly = parsed.GetValue(list),
                    Manifest = parsed.GetValue(images),
                },
                cancellation));
        return command;
    }

    private Command DevicesCommand()
    {
        var command = new Command("devices", "Lists what -device takes.");
        command.SetAction(_ =>
        {
            DeviceList.Write(_output);
            return ExitStatus.Success;
        });
        return command;
    }
}
