namespace Emulator.Host.Litmus;

/// <summary>Finds and reads tests: the files of <c>guest-images/litmus</c>, and others.</summary>
internal static class LitmusLibrary
{
    private const string Extension = ".litmus";

    /// <summary>The library's folder, above the program or above the working folder; null if there is none.</summary>
    public static string? Folder { get; } = Find(AppContext.BaseDirectory) ?? Find(Environment.CurrentDirectory);

    /// <summary>The names of the library's tests, sorted.</summary>
    public static IReadOnlyList<string> Names =>
        Folder is null ? [] : [.. Directory.EnumerateFiles(Folder, "*" + Extension).Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    /// <summary>Reads tests.</summary>
    /// <param name="files">Files, or names of the library's tests, or patterns of them with * and ?; all of the library if there are none.</param>
    public static Result<List<LitmusTest>> Read(IReadOnlyList<string> files)
    {
        if (files.Count == 0)
        {
            files = Names;
            if (files.Count == 0)
            {
                return new Failure("guest-images/litmus: not found above the program or the working folder; name the files");
            }
        }

        var tests = new List<LitmusTest>();
        foreach (var file in files.SelectMany(Matching).Distinct())
        {
            if (!Read(file).Get(out var test, out var mistake))
            {
                return new Failure(mistake);
            }

            tests.Add(test);
        }

        return tests;
    }

    // The library's names that a pattern means; a word that is none, or that means nothing, as it is.
    private static IEnumerable<string> Matching(string word)
    {
        var names = File.Exists(word) || !word.AsSpan().ContainsAny('*', '?')
            ? []
            : Names.Where(n => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(word, n, ignoreCase: true)).ToArray();
        return names.Length > 0 ? names : [word];
    }

    private static Result<LitmusTest> Read(string file)
    {
        var path = File.Exists(file) || Folder is null ? file : Path.Combine(Folder, file + Extension);
        if (!File.Exists(path))
        {
            return new Failure($"{file}: there is no such file, nor such a test in the library{CommandLine.Suggestion.For(file, Names, listAll: false)}");
        }

        try
        {
            return LitmusParser.TryParse(Shown(path), File.ReadAllText(path), out var test, out var diagnostic) ? test : new Failure(diagnostic.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure($"{file}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.Length < path.Length ? relative : path;
    }

    private static string? Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "guest-images", "litmus");
            if (Directory.Exists(candidate) && Directory.EnumerateFiles(candidate, "*" + Extension).Any())
            {
                return candidate;
            }
        }

        return null;
    }
}
