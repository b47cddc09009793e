using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Emulator.Architecture.Tests;

/// <summary>Who may know whom; docs/architecture.md says why.</summary>
public class DependencyTests
{
    private const string Logging = "Microsoft.Extensions.Logging.Abstractions";

    /// <summary>The table. A project that is not in it fails the test, so a new one is put here by somebody who has thought.</summary>
    private static readonly Dictionary<string, (string[] Projects, string[] Packages, bool Unsafe)> s_table = new()
    {
        ["Emulator.Memory"] = ([], [Logging], true),
        ["Emulator.Cpu"] = (["Emulator.Memory"], ["Iced", Logging], true),
        ["Emulator.Pci"] = (["Emulator.Memory"], [Logging], false),
        ["Emulator.Devices"] = (["Emulator.Memory", "Emulator.Pci"], [Logging, "System.IO.Hashing"], false),

        // Unsafe for the marshalling that LibraryImport generates; another test keeps it out of what people write.
        ["Emulator.Host"] = (
            ["Emulator.Cpu", "Emulator.Devices", "Emulator.Memory", "Emulator.Pci"],
            ["Microsoft.Extensions.Hosting", "Serilog", "Serilog.Extensions.Logging", "Spectre.Console", "System.CommandLine"],
            true),
    };

    public static TheoryData<string> Projects => [.. s_table.Keys];

    [Fact]
    public void Every_project_has_its_row_in_the_table() =>
        Assert.Equal(s_table.Keys.Order(StringComparer.Ordinal), ProjectFile.All.Select(project => project.Name));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_to_the_projects_of_its_row(string name) =>
        Assert.Equal(s_table[name].Projects, Find(name).Projects);

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_to_no_package_but_those_of_its_row(string name) =>
        Assert.Subset(s_table[name].Packages.ToHashSet(), Find(name).Packages.ToHashSet());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Unsafe_code_compiles_only_where_the_row_says_so(string name) =>
        Assert.Equal(s_table[name].Unsafe, Find(name).AllowsUnsafe);

    /// <summary>References come along indirectly as well: what was compiled must keep to the table too.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void A_compiled_project_uses_the_projects_of_its_row_only(string name)
    {
        var used = ReferencesOf(name).Where(s_table.ContainsKey).ToHashSet();
        Assert.Subset(s_table[name].Projects.ToHashSet(), used);
    }

    [Fact]
    public void Serilog_is_named_in_the_host_alone() =>
        Assert.Equal(["Emulator.Host"], s_table.Keys.Where(name => ReferencesOf(name).Any(reference => reference.StartsWith("Serilog", StringComparison.Ordinal))));

    [Fact]
    public void Iced_is_named_in_the_processor_and_where_litmus_tests_are_assembled_alone()
    {
        Assert.Equal(["Emulator.Cpu", "Emulator.Host"], s_table.Keys.Where(name => ReferencesOf(name).Contains("Iced")).Order(StringComparer.Ordinal));
        var litmus = Path.Combine("Emulator.Host", "Litmus");
        Assert.All(
            HostSources().Where(file => File.ReadLines(file).Any(line => line.Contains("Iced.Intel", StringComparison.Ordinal))),
            file => Assert.Contains(litmus, file, StringComparison.Ordinal));
    }

    [Fact]
    public void The_hosts_own_sources_have_no_unsafe_code()
    {
        Assert.DoesNotContain(HostSources(), file => File.ReadLines(file).Any(IsUnsafe));
    }

    private static IEnumerable<string> HostSources() =>
        Directory.EnumerateFiles(Path.Combine(ProjectFile.Root, "Emulator.Host"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split('/', '\\').Any(part => part is "bin" or "obj"));

    private static bool IsUnsafe(string line) =>
        !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && line.Split(' ', '(', ')', '{').Contains("unsafe");

    private static ProjectFile Find(string name) => ProjectFile.All.Single(project => project.Name == name);

    private static List<string> ReferencesOf(string name)
    {
        var file = name == "Emulator.Host" ? "emulator" : name;
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, file + ".dll"));
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
