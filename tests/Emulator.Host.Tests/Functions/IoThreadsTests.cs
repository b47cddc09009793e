using Emulator.Devices;
using Emulator.Host.Functions;
using Emulator.Host.Machine;

namespace Emulator.Host.Tests.Functions;

/// <summary>The machine's I/O threads.</summary>
public sealed class IoThreadsTests
{
    [Fact]
    public async Task An_exception_on_one_ends_the_machine_with_status_70()
    {
        using var control = new MachineControl(noReboot: false);
        var threads = new IoThreads(control);
        threads.AddNamed(["io"]);
        using var queue = new IoQueue(threads["io"], "device");
        queue.Post(new Mistake());
        var end = await control.End.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(ExitStatus.InternalError, end.ExitStatus);
        Assert.StartsWith("internal error on I/O thread io: System.InvalidOperationException: a mistake", end.Message, StringComparison.Ordinal);
        Assert.True(threads.Stop(TimeSpan.FromSeconds(30)));
    }

    private sealed class Mistake : IoWork
    {
        protected override void Run() => throw new InvalidOperationException("a mistake");
    }
}
