using Emulator.Host.CommandLine;
using Emulator.Host.Hosting;

using var output = StandardStreams.OpenOutput();
using var error = StandardStreams.OpenError();
var command = new EmulatorCommand((_,_) => Task.FromResult(0), (_,_) => Task.FromResult(0), output, error);
return await command.InvokeAsync(args);
