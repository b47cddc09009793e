using Emulator.Host.Litmus;

namespace Emulator.Host.Tests.Litmus;

/// <summary>The tests and models of guest-images/litmus, and tests from a string that must be right.</summary>
internal static class LitmusFiles
{
    public static string Folder { get; } = Find();

    public static IReadOnlyList<LitmusTest> Library { get; } =
        [.. Directory.GetFiles(Folder, "*.litmus").Order(StringComparer.Ordinal).Select(path => Parse(File.ReadAllText(path), path))];

    public static LitmusTest Parse(string text, string path = "test.litmus")
    {
        Assert.True(LitmusParser.TryParse(path, text, out var test, out var diagnostic), $"{diagnostic}");
        return test;
    }

    public static AxiomaticModel Model(string name)
    {
        Assert.True(AxiomaticModel.Load(Path.Combine(Folder, "models", name + ".cat")).Get(out var model, out var error), error);
        return model;
    }

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "guest-images", "litmus")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("guest-images/litmus is not above the tests");
        }

        return Path.Combine(folder, "guest-images", "litmus");
    }
}
