using Emulator.Host.Tests.CommandLine;

namespace Emulator.Host.Tests.Disks;

/// <summary>What <c>-device scsi-hd</c> says beyond what every disk does.</summary>
public sealed class ScsiDiskModelTests
{
    [Theory]
    [InlineData("vendor=NINECHARS", "property 'vendor' of 'scsi-hd': 'NINECHARS' is too long or not ASCII; give at most 8 characters")]
    [InlineData("ver=1.0.1", "property 'ver' of 'scsi-hd': '1.0.1' is too long")]
    [InlineData("product=Plätte", "property 'product' of 'scsi-hd': 'Plätte' is too long or not ASCII")]
    [InlineData("rotation_rate=1000", "property 'rotation_rate' of 'scsi-hd': '1000' is not a rotation rate: 0, 1, or 1025 to 65534")]
    [InlineData("rotation_rate=fast", "'fast' is not a rotation rate")]
    [InlineData("wwn=name", "property 'wwn' of 'scsi-hd': 'name' is not a number")]
    public void A_mistake_gets_one_line_and_status_2(string property, string expected)
    {
        var harness = new CommandLineHarness();
        string[] arguments = ["-kernel", "x", "-drive", "file=ram:1M,if=none,id=d", "-device", "lsi53c895a", "-device", $"scsi-hd,drive=d,{property}"];
        Assert.Equal(ExitStatus.BadCommandLine, harness.Invoke(arguments));
        Assert.Contains(expected, harness.Error, StringComparison.Ordinal);
        Assert.Single(harness.Error.Trim('\n').Split('\n'));
    }
}
