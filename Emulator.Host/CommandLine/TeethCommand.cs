using System.CommandLine;
using Emulator.Host.Testing.Teeth;

namespace Emulator.Host.CommandLine;

/// <summary><c>emulator teeth</c>.</summary>
internal static class TeethCommand
{
    private const int MostSeeds = 100_000;

    /// <summary>The verb.</summary>
    /// <param name="teeth">Runs the trials; returns the exit status.</param>
    public static Command Create(Func<TeethRequest, CancellationToken, Task<int>> teeth)
    {
        var filter = new Argument<string?>("FILTER")
        {
            Description = "only the sites, or all sites of the guests, whose names contain this",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seeds = Number("seeds", "seeds that may pass before a broken site counts as not caught", 20, MostSeeds);
        var unbroken = Number("unbroken-seeds", "seeds that each guest must pass with nothing broken", 3, MostSeeds);
        var jobs = Number("jobs", "machines that run at a time", 1, 256);
        var simulated = new Option<bool>("--simulated", "-simulated") { Description = "leaves out the long runs on the host's own memory" };
        var markdown = new Option<string?>("--markdown", "-markdown") { Description = "writes the tables as Markdown", HelpName = "FILE" };
        var images = new Option<string?>("--images", "-images") { Description = "the manifest, if it is not guest-images/images.json", HelpName = "FILE" };
        var command = new Command("teeth", "Breaks each ordering site on purpose and looks whether its guest notices.")
        {
            filter, seeds, unbroken, jobs, simulated, markdown, images,
        };
        command.SetAction((parsed, cancellation) => teeth(
            new TeethRequest
            {
                Filter = parsed.GetValue(filter),
                Seeds = parsed.GetValue(seeds),
                UnbrokenSeeds = parsed.GetValue(unbroken),
                Jobs = parsed.GetValue(jobs),
                SimulatedOnly = parsed.GetValue(simulated),
                MarkdownFile = parsed.GetValue(markdown),
                Manifest = parsed.GetValue(images),
            },
            cancellation));
        return command;
    }

    private static Option<int> Number(string name, string description, int @default, int most) => new("--" + name, "-" + name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => @default,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Numbers.TryParse(text, out var value) && value >= 1 && value <= (ulong)most)
            {
                return (int)value;
            }

            result.AddError($"--{name} {text}: not a number from 1 to {most}");
            return 0;
        },
    };
}
