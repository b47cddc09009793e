namespace Emulator.Host.Testing;

/// <summary>What runs the guests.</summary>
public enum SuiteTarget
{
    /// <summary>This emulator.</summary>
    Self,

    /// <summary>This emulator and <c>qemu-system-x86_64</c>, compared.</summary>
    Qemu,
}

/// <summary>What <c>emulator test</c> asks for.</summary>
public sealed record SuiteRequest
{
    /// <summary>Part of a name, or a pattern with * and ?; null is every guest.</summary>
    public string? Filter { get; init; }

    /// <summary>Where JUnit XML goes, or null.</summary>
    public string? JunitFile { get; init; }

    /// <summary>What runs the guests.</summary>
    public SuiteTarget Target { get; init; }

    /// <summary>Only lists them.</summary>
    public bool ListOnly { get; init; }

    /// <summary>The manifest's path; null is the repository's own.</summary>
    public string? Manifest { get; init; }
}
