using Emulator.Fuzz;

namespace Emulator.Devices.Tests;

/// <summary>Each device, fuzzed for a moment; <c>make fuzz</c> does it for long.</summary>
public class DeviceFuzzTests
{
    private const int Inputs = 150;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_device_lives_through_anything_and_works_after_a_reset(string name)
    {
        var fuzzer = new Fuzzer(FuzzTargets.Find(name)!, s_patience);
        var first = (ulong)Random.Shared.NextInt64();
        for (ulong i = 0; i < Inputs; i++)
        {
            if (fuzzer.Try(first + i) is { } result)
            {
                Assert.Fail($"{name}, seed {first + i}: {result.Finding.Kind}: {result.Finding.Detail}\n{result.Input}");
            }
        }
    }

    [Fact]
    public void What_was_found_once_is_found_no_more()
    {
        foreach (var name in FuzzReplay.Findings)
        {
            var input = FuzzReplay.Finding(name);
            var finding = FuzzRun.Execute(FuzzTargets.Find(input.Device)!, input, s_patience).Finding;
            Assert.True(finding is null, $"{name}: {finding?.Kind}: {finding?.Detail}");
        }
    }
}
