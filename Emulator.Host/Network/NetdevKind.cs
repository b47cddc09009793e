using Emulator.Host.CommandLine;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Network;

/// <summary>A kind of back end that <c>-netdev</c> takes.</summary>
/// <param name="Name">QEMU's name for it.</param>
/// <param name="Meaning">What it is, in a line.</param>
/// <param name="OwnProperties">What it takes beside an id.</param>
internal sealed record NetdevKind(string Name, string Meaning, DeviceProperty[] OwnProperties)
{
    /// <summary>What it takes.</summary>
    public DeviceProperty[] Properties { get; } =
        [DeviceProperty.Text("id", "", "what controllers name it by in netdev=") with { IsRequired = true }, .. OwnProperties];

    /// <summary>Says what is wrong with the properties as a whole, or null.</summary>
    public Func<NetdevDescription, string?> Check { get; init; } = _ => null;

    /// <summary>Opens it, or says why that cannot be; null for what is made with the machine.</summary>
    public Func<NetdevDescription, ILogger, Result<NetworkBackEnd>>? Open { get; init; }
}
