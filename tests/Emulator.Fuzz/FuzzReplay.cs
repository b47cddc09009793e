namespace Emulator.Fuzz;

/// <summary>Inputs in files.</summary>
public static class FuzzReplay
{
    private const string Folder = "artifacts/fuzz";

    /// <summary>How long an input may take.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The names of inputs that have shown something once (<c>Findings/</c>).</summary>
    public static IReadOnlyList<string> Findings { get; } = typeof(FuzzReplay).Assembly.GetManifestResourceNames();

    /// <summary>One of them.</summary>
    public static FuzzInput Finding(string name)
    {
        using var stream = typeof(FuzzReplay).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return FuzzInput.Parse(reader.ReadToEnd());
    }

    /// <summary>Runs the input in a file again; returns the exit status: 0 if nothing is wrong with it, else 1.</summary>
    /// <exception cref="FormatException">The file has no input in it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static int Run(string file)
    {
        FuzzInput input;
        try
        {
            input = FuzzInput.Parse(File.ReadAllText(file));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{file}, {e.Message}", e);
        }

        var target = FuzzTargets.Find(input.Device)
            ?? throw new FormatException($"{file}: there is no device \"{input.Device}\"; a line \"device NAME\" names one of {string.Join(", ", FuzzTargets.All.Select(each => each.Name))}");
        var finding = FuzzRun.Execute(target, input, Patience).Finding;
        Console.WriteLine(finding is null ? $"{input.Device}: nothing is wrong with it" : $"{input.Device}: {finding.Kind}\n{finding.Detail}");
        return finding is null ? 0 : 1;
    }

    /// <summary>Writes an input to a file, with what it shows; returns its name.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static string Save(FuzzFinding finding, FuzzInput input)
    {
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentNullException.ThrowIfNull(input);
        Directory.CreateDirectory(Folder);
        var name = Path.GetFullPath(Path.Combine(Folder, $"{input.Device}-{input.Seed}.txt"));
        File.WriteAllText(name, $"# {finding.Kind}\n# {finding.Detail.ReplaceLineEndings("\n# ")}\n{input}");
        return name;
    }
}
