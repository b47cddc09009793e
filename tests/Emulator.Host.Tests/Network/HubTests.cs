using Emulator.Devices;
using Emulator.Host.Functions;
using Emulator.Host.Machine;
using Emulator.Host.Network;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Host.Tests.Network;

/// <summary>Hubs as the command line makes them.</summary>
public sealed class HubTests
{
    [Theory]
    [InlineData("hubport,id=a,hubid=7 hubport,id=b,hubid=7 hubport,id=c,hubid=8")]
    [InlineData("hubport,id=a,hubid=7 hubport,id=b,hubid=1 hubport,id=c,hubid=8 hubport,id=d,hubid=1 hubport,id=e,hubid=7,netdev=d")]
    public void Ports_with_the_same_number_are_connected(string netdevs)
    {
        using var control = new MachineControl(noReboot: false);
        var threads = new IoThreads(control);
        var descriptions = netdevs.Split(' ').Select(text => NetdevCatalog.Parse(text).Value!).ToArray();
        Assert.True(Networks.Open(new MachineDescription { Netdevs = [.. descriptions] }, NullLoggerFactory.Instance, Assert.Fail).Get(out var networks, out var mistake), mistake);
        using (networks)
        {
            networks.Wire(threads, new ManualClock(), DateTime.UnixEpoch);
            NetworkPort a = networks.Take("a"), b = networks.Take("b"), c = networks.Take("c");
            for (byte i = 0; i < 10; i++)
            {
                Assert.True(a.TrySend([i]));
                threads.Reset();
                networks.Reset();
                Assert.Equal([i], b.Receive());
            }

            Assert.False(c.TryPeek(out _));
        }

        Assert.True(threads.Stop(TimeSpan.FromSeconds(30)));
        Assert.False(control.IsEnding);
    }
}
