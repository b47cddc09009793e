using System.Globalization;
using Emulator.Host;
using Emulator.Host.Testing;

namespace Emulator.Guests.Tests;

/// <summary>The guest suite: every entry of guest-images/images.json, each in a process of its own.</summary>
public sealed class GuestSuiteTests
{
    // A process that does not end by its own --timeout is killed this much later.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    private static readonly Result<Manifest> s_manifest = Manifest.Load(null);

    public static TheoryData<string> Names =>
        s_manifest.Get(out var manifest, out _) ? [.. manifest.Images.Select(image => image.Name)] : [];

    [Fact]
    public void The_manifest_can_be_read_and_names_at_least_one_guest()
    {
        Assert.True(s_manifest.Get(out var manifest, out var mistake), mistake);
        Assert.NotEmpty(manifest.Images);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_guest_does_what_its_entry_in_the_manifest_says(string name)
    {
        Assert.True(s_manifest.Get(out var manifest, out var mistake), mistake);
        var image = manifest.Images.Single(candidate => candidate.Name == name);
        Assert.SkipWhen(image.Lacks() is not null, image.Lacks() ?? "");
        var file = Path.Combine(manifest.Folder, image.File);
        Assert.True(File.Exists(file), $"{file} is not built; run: make guests");

        string[] words =
        [
            "run", .. GuestCommandLine.Build(image, GuestCommandLine.InFolder),
            "--timeout", image.TimeoutSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        var limit = TimeSpan.FromSeconds(image.TimeoutSeconds) + s_grace;
        var run = await ChildRun.StartAsync(Launcher, words, image.Stdin, limit, TestContext.Current.CancellationToken, manifest.Folder);

        var result = GuestResult.Judge(image, run);
        Assert.True(result.Verdict == GuestVerdict.Passed, $"{result.Why}\n{Excerpt(result.Output)}\n{run.Error}");
    }

    /// <summary>What failed and how it ended: a guest may print two thousand lines that are well.</summary>
    private static string Excerpt(string output)
    {
        const int Shown = 20;
        var lines = output.TrimEnd().Split('\n');
        return lines.Length <= 2 * Shown
            ? output
            : string.Join('\n', [.. lines[..^Shown].Where(line => line.StartsWith("FAIL ", StringComparison.Ordinal)), "…", .. lines[^Shown..]]);
    }

    /// <summary>The build puts the program beside the test that refers to it, so the two cannot be of different ages.</summary>
    private static string Launcher => Path.Combine(AppContext.BaseDirectory, "emulator");
}
