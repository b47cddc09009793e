using Emulator.Host.CommandLine;

namespace Emulator.Host.Network;

/// <summary>A <c>-netdev</c> of the command line, checked against its kind.</summary>
public sealed class NetdevDescription : PropertyValues
{
    internal NetdevDescription(NetdevKind kind)
        : base(kind.Name, kind.Properties) => Kind = kind;

    /// <summary>What controllers name it by.</summary>
    public string Id => Text("id");

    internal NetdevKind Kind { get; }
}
