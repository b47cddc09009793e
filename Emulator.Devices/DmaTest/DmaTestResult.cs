using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>How a script ended.</summary>
/// <param name="state">Done, failed or stopped.</param>
/// <param name="error">Why it failed.</param>
/// <param name="refusal">What became of the DMA access that was refused.</param>
/// <param name="slot">Where.</param>
/// <param name="faultAddress">The address of that access.</param>
/// <param name="executed">Instructions.</param>
/// <param name="registers">R0 to R15.</param>
internal ref struct DmaTestResult(
    DmaTestState state, DmaTestError error, DmaStatus refusal, int slot, ulong faultAddress, ulong executed, ReadOnlySpan<ulong> registers)
{
    public DmaTestState State = state;
    public DmaTestError Error = error;
    public DmaStatus Refusal = refusal;
    public ulong FaultAddress = faultAddress;

    public readonly int Slot => slot;

    public readonly ulong Executed => executed;

    public readonly ReadOnlySpan<ulong> Registers { get; } = registers;

    public readonly uint Status => DmaTestRegisters.Status(State, Error, (int)Refusal, slot);

    public readonly DmaTestCause Cause => State switch
    {
        DmaTestState.Done => DmaTestCause.Done,
        DmaTestState.Stopped => DmaTestCause.Stopped,
        _ => DmaTestCause.Failed,
    };

    public readonly DmaTestRecordBody Body => new(FaultAddress, executed, Registers);
}
