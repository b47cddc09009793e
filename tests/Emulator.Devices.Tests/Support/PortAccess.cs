using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Byte accesses that must succeed, as IN and OUT make them.</summary>
internal static class PortAccess
{
    public static byte In(this IBusTarget target, int offset = 0)
    {
        Assert.Equal(BusStatus.Ok, target.Read((ulong)offset, 1, out ulong value));
        return (byte)value;
    }

    public static void Out(this IBusTarget target, int offset, int value) =>
        Assert.Equal(BusStatus.Ok, target.Write((ulong)offset, 1, (byte)value));
}
