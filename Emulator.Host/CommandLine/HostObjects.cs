using Emulator.Devices;

namespace Emulator.Host.CommandLine;

/// <summary>What <c>-object</c> takes.</summary>
internal static class HostObjects
{
    /// <summary>A thread.</summary>
    public static HostObjectKind IoThread { get; } = new("iothread", "A thread that devices do their work on, shared by those that name it by iothread=", []);

    /// <summary>A capture file.</summary>
    public static HostObjectKind FilterDump { get; } = new("filter-dump", "A capture file (pcap) of the frames between a controller and its back end",
    [
        DeviceProperty.Text("netdev", "", "id of the -netdev") with { IsRequired = true },
        DeviceProperty.Text("file", "", "the file, which is made new", "PATH") with { IsRequired = true },
        DeviceProperty.Number("maxlen", NetworkPort.LargestFrame, 1, NetworkPort.LargestFrame, "how many bytes of a frame are kept"),
    ]);

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<HostObjectKind> Kinds { get; } = [IoThread, FilterDump];

    /// <summary>Checks an <c>-object</c> value.</summary>
    public static Result<HostObjectDescription> Parse(string text)
    {
        var list = PropertyList.Parse(text);
        if (Kinds.FirstOrDefault(each => each.Name == list.Head) is not { } kind)
        {
            return new Failure($"unknown object '{list.Head}'{Suggestion.For(list.Head, Kinds.Select(each => each.Name))}");
        }

        var made = new HostObjectDescription(kind);
        return made.Set("object", list.Properties) is { } mistake ? new Failure(mistake) : made;
    }
}

/// <summary>A kind of object that <c>-object</c> takes.</summary>
/// <param name="Name">QEMU's name for it.</param>
/// <param name="Meaning">What it is, in a line.</param>
/// <param name="OwnProperties">What it takes beside an id.</param>
internal sealed record HostObjectKind(string Name, string Meaning, DeviceProperty[] OwnProperties)
{
    /// <summary>What it takes.</summary>
    public DeviceProperty[] Properties { get; } = [DeviceProperty.Text("id", "", "what others name it by") with { IsRequired = true }, .. OwnProperties];
}

/// <summary>An <c>-object</c> of the command line, checked against its kind.</summary>
public sealed class HostObjectDescription : PropertyValues
{
    internal HostObjectDescription(HostObjectKind kind)
        : base(kind.Name, kind.Properties) => Kind = kind;

    /// <summary>What others name it by.</summary>
    public string Id => Text("id");

    internal HostObjectKind Kind { get; }
}
