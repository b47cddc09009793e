using System.Runtime.InteropServices;
using Emulator.Host.Console;
using Emulator.Host.Machine;
using Microsoft.Extensions.Hosting;

namespace Emulator.Host.Hosting;

/// <summary>Runs a machine as the host's one service: starts it, and stops the host when it ends, or it when the host stops.</summary>
internal sealed class MachineService(
    PcMachine machine,
    MachineControl control,
    MachineDescription description,
    IReadOnlyList<SocketChannel> waitFor,
    IHostApplicationLifetime lifetime,
    Action<string> tell) : BackgroundService
{
    // A vCPU comes out at once when it is kicked; one that does not is stuck in the emulator itself.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var stop = stoppingToken.Register(() => control.RequestEnd(new MachineEnd(ExitStatus.Success, IsForced: true)));
        using var hangUp = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            control.RequestEnd(new MachineEnd(ExitStatus.Success, IsForced: true));
        });
        control.Stopped += why => tell($"{why}; the machine is stopped: kill -CONT {Environment.ProcessId} lets it go on, and what failed is tried again");
        using var goOn = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => control.Continue());
        try
        {
            await Task.Run(WaitForClients, CancellationToken.None).ConfigureAwait(false);
            if (!control.IsEnding)
            {
                machine.Start();
            }

            await EndAsync().ConfigureAwait(false);
            if (!machine.Join(s_patience))
            {
                tell("internal error: a vCPU does not stop");
            }
        }
        catch (Exception e)
        {
            control.RequestEnd(new MachineEnd(ExitStatus.InternalError, $"internal error: {e}"));
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task EndAsync()
    {
        if (description.Timeout is { } timeout)
        {
            try
            {
                await control.End.WaitAsync(timeout).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                control.RequestEnd(new MachineEnd(ExitStatus.Timeout, $"timeout after {timeout.TotalSeconds:0.###} s", IsForced: true));
            }
        }

        await control.End.ConfigureAwait(false);
    }

    private void WaitForClients()
    {
        foreach (var channel in waitFor)
        {
            tell($"waiting for a connection on {channel.LocalEndPoint}");
            channel.WaitForClient(control.Ending);
        }
    }
}
