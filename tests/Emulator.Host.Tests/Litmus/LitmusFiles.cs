using Emulator.Host.Litmus;

namespace Emulator.Host.Tests.Litmus;

/// <summary>Reads tests that must be right.</summary>
internal static class LitmusFiles
{
    public static LitmusTest Parse(string text, string path = "test.litmus")
    {
        Assert.True(LitmusParser.TryParse(path, text, out var test, out var diagnostic), $"{diagnostic}");
        return test;
    }
}
