using Emulator.Host.Disks;
using Emulator.Host.Loading;
using Emulator.Host.Machine;
using Emulator.Host.Network;
using Emulator.Host.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog.Extensions.Logging;

namespace Emulator.Host.Hosting;

/// <summary>From a description to an exit status.</summary>
internal sealed class MachineRunner(TextWriter error)
{
    // How long output that nobody takes holds up the end when a person or a deadline asked for it.
    private static readonly TimeSpan s_forcedPatience = TimeSpan.FromSeconds(1);

    /// <summary>Builds the machine, runs it to its end, and returns the process's exit status.</summary>
    public async Task<int> RunAsync(MachineDescription description, CancellationToken cancellation)
    {
        if (!BootFiles.Read(description).Get(out var files, out var mistake))
        {
            return Say(ExitStatus.BadImage, mistake);
        }

        if (!OpenLog(description).Get(out var logOutput, out mistake))
        {
            return Say(ExitStatus.BadCommandLine, mistake);
        }

        Stream? trace = null;
        if (description.Trace is { } wanted && !TraceFile.Create(wanted.File).Get(out trace, out mistake))
        {
            return Say(ExitStatus.BadCommandLine, $"-trace {mistake}");
        }

        using var traceStream = trace;
        using var loggers = new SerilogLoggerFactory(LogSetup.Open(description.LogLevel, logOutput), dispose: true);
        using var control = new MachineControl(description.NoReboot);
        if (!CharacterPorts.Open(description.Characters, control, Tell).Get(out var characters, out mistake))
        {
            return Say(ExitStatus.BadCommandLine, mistake);
        }

        using (characters)
        {
            if (!Networks.Open(description, loggers, Tell).Get(out var networks, out mistake))
            {
                return Say(ExitStatus.BadCommandLine, mistake);
            }

            using var behindControllers = networks;
            if (!Drives.Open(description, control, loggers).Get(out var drives, out mistake))
            {
                return Say(ExitStatus.BadCommandLine, mistake);
            }

            using var behindDisks = drives;
            return await RunAsync(description, files, characters, networks, drives, trace, control, loggers, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<int> RunAsync(
        MachineDescription description,
        BootFiles files,
        CharacterPorts characters,
        Networks networks,
        Drives drives,
        Stream? trace,
        MachineControl control,
        ILoggerFactory loggers,
        CancellationToken cancellation)
    {
        PcMachine machine;
        try
        {
            machine = new PcMachine(description, files, characters.Ports, networks, drives, control, loggers);
        }
        catch (OutOfMemoryException)
        {
            characters.Dispose();
            return Say(ExitStatus.BadCommandLine, $"-m {CommandLine.Numbers.FormatSize(description.MemorySize)}: the host has no room for that much RAM");
        }

        using (machine)
        {
            if (trace is not null)
            {
                machine.Trace(description, trace, Tell);
            }

            if (files.Kernel is not null)
            {
                if (!files.PlanKernel(machine.Layout).Get(out var boot, out var mistake))
                {
                    characters.Dispose();
                    return Say(ExitStatus.BadImage, mistake);
                }

                machine.SetBoot(boot);
            }

            using var host = BuildHost(machine, control, description, characters, loggers);

            // The host must not be given the token: cancelled before it has started, it would throw instead of ending.
            await using (cancellation.Register(() => control.RequestEnd(new MachineEnd(ExitStatus.Success, IsForced: true))))
            {
                await host.RunAsync(CancellationToken.None).ConfigureAwait(false);
            }

            var end = await control.End.ConfigureAwait(false);
            characters.Flush(end.IsForced ? s_forcedPatience : Timeout.InfiniteTimeSpan);
            characters.Dispose();
            return end.Message is null ? end.ExitStatus : Say(end.ExitStatus, end.Message);
        }
    }

    private IHost BuildHost(PcMachine machine, MachineControl control, MachineDescription description, CharacterPorts characters, ILoggerFactory loggers)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggers);
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddSingleton<IHostedService>(services => new MachineService(
            machine, control, description, characters.WaitFor, services.GetRequiredService<IHostApplicationLifetime>(), Tell));
        return builder.Build();
    }

    private Result<TextWriter> OpenLog(MachineDescription description)
    {
        if (description.LogFile is not { } path)
        {
            return error;
        }

        try
        {
            return TextWriter.Synchronized(new StreamWriter(path) { AutoFlush = true });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Failure($"-D {path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private void Tell(string text) => error.WriteLine(text.StartsWith('\n') ? text : $"emulator: {text}");

    private int Say(int status, string text)
    {
        error.WriteLine($"emulator: {text.TrimEnd('\n')}");
        return status;
    }
}
