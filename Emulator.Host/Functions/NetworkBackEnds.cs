using Emulator.Devices;

namespace Emulator.Host.Functions;

/// <summary>What <c>-netdev</c> names, and the addresses of controllers that were given none.</summary>
internal sealed class NetworkBackEnds
{
    private readonly Dictionary<string, NetworkPort> _ports = [];
    private int _addresses;

    /// <summary>The controller's end of the wire to a back end. The command line has checked that it is there, and taken once.</summary>
    public NetworkPort Take(string id) => _ports[id];

    /// <summary>The next address.</summary>
    public MacAddress NextAddress() => MacAddress.Default(_addresses++);
}
