using System.Xml.Linq;

namespace Emulator.Architecture.Tests;

/// <summary>What a project file says it knows.</summary>
/// <param name="Name">The project, as the file is called.</param>
/// <param name="Projects">The projects it refers to.</param>
/// <param name="Packages">The packages it refers to.</param>
/// <param name="AllowsUnsafe">Whether unsafe code compiles in it.</param>
internal sealed record ProjectFile(string Name, string[] Projects, string[] Packages, bool AllowsUnsafe)
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The product's projects: the folders beside the solution that have a project file of their name.</summary>
    public static IReadOnlyList<ProjectFile> All { get; } =
    [
        .. Directory.GetDirectories(Root, "Emulator.*")
            .Select(folder => Path.Combine(folder, Path.GetFileName(folder) + ".csproj"))
            .Where(File.Exists)
            .Order(StringComparer.Ordinal)
            .Select(Read),
    ];

    private static ProjectFile Read(string path)
    {
        var project = XDocument.Load(path).Root!;
        string[] Included(string item) =>
            [.. project.Descendants(item).Select(element => element.Attribute("Include")!.Value).Order(StringComparer.Ordinal)];
        return new ProjectFile(
            Path.GetFileNameWithoutExtension(path),
            [.. Included("ProjectReference").Select(file => Path.GetFileNameWithoutExtension(file.Replace('\\', '/')))],
            Included("PackageReference"),
            project.Descendants("AllowUnsafeBlocks").Any(element => element.Value.Trim() == "true"));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Emulator.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("no Emulator.sln above the test");
    }
}
