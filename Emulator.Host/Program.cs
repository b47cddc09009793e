using Emulator.Host;
using Emulator.Host.CommandLine;
using Emulator.Host.Hosting;
using Emulator.Host.Litmus;
using Emulator.Host.Testing;
using Emulator.Host.Testing.Teeth;

using var output = StandardStreams.OpenOutput();
using var error = StandardStreams.OpenError();
try
{
    var command = new EmulatorCommand(
        new MachineRunner(error).RunAsync,
        new SuiteRunner(output, error).RunAsync,
        new TeethRunner(output, error).RunAsync,
        new LitmusSuite(output, error).RunAsync,
        output,
        error);
    return await command.InvokeAsync(args);
}
catch (Exception e)
{
    error.WriteLine($"emulator: internal error: {e}");
    return ExitStatus.InternalError;
}
