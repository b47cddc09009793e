namespace Emulator.Devices.Tests;

/// <summary>Tests of two threads that must run at the same time to show anything: not beside other tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TwoProcessors
{
    public const string Name = "two processors";
}
