using System.Text;
using Emulator.Host.CommandLine;
using Emulator.Host.Litmus;
using Emulator.Host.Machine;
using Emulator.Host.Testing;
using Emulator.Host.Testing.Teeth;

namespace Emulator.Host.Tests.CommandLine;

/// <summary>Reads a command line without doing what it asks.</summary>
internal sealed class CommandLineHarness
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    public MachineDescription? Description { get; private set; }

    public SuiteRequest? Suite { get; private set; }

    public TeethRequest? Teeth { get; private set; }

    public LitmusRequest? Litmus { get; private set; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public int Invoke(params string[] words)
    {
        using var output = new StringWriter(_output) { NewLine = "\n" };
        using var error = new StringWriter(_error) { NewLine = "\n" };
        var command = new EmulatorCommand(
            (description, _) =>
            {
                Description = description;
                return Task.FromResult(0);
            },
            (suite, _) =>
            {
                Suite = suite;
                return Task.FromResult(0);
            },
            (teeth, _) =>
            {
                Teeth = teeth;
                return Task.FromResult(0);
            },
            (litmus, _) =>
            {
                Litmus = litmus;
                return Task.FromResult(0);
            },
            output,
            error);
        return command.InvokeAsync(words).GetAwaiter().GetResult();
    }

    public static MachineDescription Describe(params string[] words)
    {
        var harness = new CommandLineHarness();
        Assert.Equal((0, ""), (harness.Invoke(words), harness.Error));
        return harness.Description!;
    }
}
