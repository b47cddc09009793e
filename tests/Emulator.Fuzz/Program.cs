using Emulator.Fuzz;

// [DEVICE…] [--seconds N] [--inputs N] [--seed N]: fuzzes; 1 if anything was found.  --replay FILE: runs one input again.
FuzzCommand command;
try
{
    command = FuzzCommand.Parse(args);
    if (command.Replay is { } file)
    {
        return FuzzReplay.Run(file);
    }
}
catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"fuzz: {e.Message}");
    return 2;
}

var status = 0;
foreach (var target in command.Targets)
{
    Console.WriteLine($"{target.Name}: seed {command.Seed}");
    new Fuzzer(target, FuzzReplay.Patience).Run(command.Seed, command.Inputs, command.Time, Found, Console.WriteLine);
}

return status;

void Found(FuzzFinding finding, FuzzInput input)
{
    status = 1;
    var name = FuzzReplay.Save(finding, input);
    Console.WriteLine($"{input.Device}: {finding.Kind}, seed {input.Seed}\n{finding.Detail}\n{input}again: make fuzz ARGS=\"--replay {name}\"");
}
