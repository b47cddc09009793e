namespace Emulator.Devices;

/// <summary>A device that the machine's reset line reaches.</summary>
public interface IResettable
{
    /// <summary>Back to the state after power-up, save what a battery keeps. Any thread, while vCPUs are stopped or not.</summary>
    void Reset();
}
