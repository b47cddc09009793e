using Emulator.Host.Machine;

namespace Emulator.Host.Tests.Machine;

public sealed class MachineControlTests : IDisposable
{
    private readonly MachineControl _control = new(noReboot: false);

    public void Dispose() => _control.Dispose();

    [Fact]
    public void A_machine_that_is_stopped_several_times_goes_on_once()
    {
        List<string> reasons = [];
        var continued = 0;
        _control.Stopped = reasons.Add;
        _control.OnContinue(() =>
        {
            Assert.False(_control.IsStopped);
            continued++;
        });
        _control.Continue();
        _control.Stop("first");
        _control.Stop("second");
        Assert.True(_control.IsStopped);
        _control.Continue();
        _control.Continue();
        _control.Stop("third");
        Assert.Equal((true, 1), (_control.IsStopped, continued));
        Assert.Equal(["first", "third"], reasons);
    }

    [Fact]
    public void A_stopped_machine_can_end()
    {
        _control.Stop("a disk");
        _control.RequestEnd(new MachineEnd(0));
        Assert.True(_control.IsEnding);
        Assert.True(_control.End.IsCompleted);
    }
}
