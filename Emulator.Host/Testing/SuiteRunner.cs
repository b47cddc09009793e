using System.Globalization;
using Emulator.Host.Console;
using Spectre.Console;

namespace Emulator.Host.Testing;

/// <summary>Runs the guest suite, each guest in a process of its own.</summary>
internal sealed class SuiteRunner(TextWriter output, TextWriter error)
{
    private const string Qemu = "qemu-system-x86_64";

    /// <summary>Runs what is asked for; returns the exit status.</summary>
    public async Task<int> RunAsync(SuiteRequest request, CancellationToken cancellation)
    {
        if (!Manifest.Load(request.Manifest).Get(out var manifest, out var mistake))
        {
            return Refuse(mistake);
        }

        var images = manifest.Select(request.Filter).ToList();
        if (images.Count == 0)
        {
            return Refuse($"test {request.Filter}: no guest of that name{CommandLine.Suggestion.For(request.Filter ?? "", manifest.Images.Select(i => i.Name))}");
        }

        if (request.ListOnly)
        {
            List(images);
            return ExitStatus.Success;
        }

        if (request.Target == SuiteTarget.Qemu && FindProgram(Qemu) is null)
        {
            return Refuse($"--target qemu: {Qemu} is not in the PATH; install Debian's package qemu-system-x86");
        }

        var results = new List<GuestResult>();
        var progress = new ProgressLine(error);
        foreach (var image in images)
        {
            progress.Show($"{results.Count + 1} of {images.Count}: {image.Name}");
            var result = await RunAsync(image, manifest.Folder, request.Target, cancellation).ConfigureAwait(false);
            results.Add(result);
        }

        progress.Clear();

        Show(results);
        if (request.JunitFile is { } junit && WriteJunit(junit, request.Target, results) is { } problem)
        {
            return Refuse(problem);
        }

        var failed = results.Count(r => r.Verdict == GuestVerdict.Failed);
        var skipped = results.Count(r => r.Verdict == GuestVerdict.Skipped);
        var passed = results.Count - failed - skipped;
        output.WriteLine(skipped > 0 ? $"{skipped} skipped, {passed} passed, {failed} failed" : $"{passed} passed, {failed} failed");
        return failed == 0 ? ExitStatus.Success : ExitStatus.TestsFailed;
    }

    private static async Task<GuestResult> RunAsync(GuestImage image, string folder, SuiteTarget target, CancellationToken cancellation)
    {
        if (target == SuiteTarget.Qemu && !image.Qemu)
        {
            return new GuestResult(image, GuestVerdict.Skipped, image.QemuReason ?? "", TimeSpan.Zero, "");
        }

        if (image.Lacks() is { } reason)
        {
            return new GuestResult(image, GuestVerdict.Skipped, reason, TimeSpan.Zero, "");
        }

        var words = GuestCommandLine.Build(image, GuestCommandLine.InFolder);
        var ours = await EmulatorProcess.RunAsync(words, folder, image.TimeoutSeconds, image.Stdin, cancellation).ConfigureAwait(false);
        if (target == SuiteTarget.Self)
        {
            return GuestResult.Judge(image, ours);
        }

        var theirs = await ChildRun.StartAsync(Qemu, words, image.Stdin, TimeSpan.FromSeconds(image.TimeoutSeconds), cancellation, folder).ConfigureAwait(false);
        return GuestResult.Compare(image, ours, theirs);
    }

    private static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    private static string? WriteJunit(string path, SuiteTarget target, List<GuestResult> results)
    {
        try
        {
            using var file = File.Create(path);
            JunitReport.Write(file, target == SuiteTarget.Qemu ? "guests-and-qemu" : "guests", results);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"--junit {path}: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    private int Refuse(string mistake)
    {
        error.WriteLine($"emulator: {mistake}");
        return ExitStatus.BadCommandLine;
    }

    private void List(IEnumerable<GuestImage> images)
    {
        var table = Tables.New("guest", "what it shows");
        foreach (var image in images)
        {
            table.AddRow(Markup.Escape(image.Name), Markup.Escape(image.Description));
        }

        Tables.Write(table, output);
    }

    private void Show(List<GuestResult> results)
    {
        var table = Tables.New("guest", "result", "seconds", "why");
        foreach (var result in results)
        {
            table.AddRow(
                Markup.Escape(result.Image.Name),
                result.Verdict switch
                {
                    GuestVerdict.Passed => "[green]passed[/]",
                    GuestVerdict.Failed => "[red]FAILED[/]",
                    _ => "[yellow]skipped[/]",
                },
                result.Verdict == GuestVerdict.Skipped ? "" : result.Duration.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture),
                Markup.Escape(result.Why));
        }

        Tables.Write(table, output);
    }
}
