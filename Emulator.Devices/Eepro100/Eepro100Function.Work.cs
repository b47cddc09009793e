using System.Buffers.Binary;

namespace Emulator.Devices;

// The function as its I/O thread's work uses it.
public sealed partial class Eepro100Function
{
    /// <summary>Bytes of the state that DUMP writes.</summary>
    internal const int DumpSize = 596;

    private readonly Eepro100Link _link;
    private readonly byte[] _dump = new byte[DumpSize];

    /// <summary>The device's lock.</summary>
    internal Lock Lock { get; } = new();

    /// <summary>Its place on the I/O thread.</summary>
    internal IoQueue Queue { get; }

    /// <summary>Its end of the wire.</summary>
    internal NetworkPort Port { get; }

    /// <summary>Which of the family.</summary>
    internal Eepro100Variant Variant => _variant;

    /// <summary>What it was configured to. On the I/O thread.</summary>
    internal Eepro100Configuration Configuration { get; } = new();

    /// <summary>Its counters. On the I/O thread.</summary>
    internal Eepro100Statistics Statistics { get; } = new();

    /// <summary>The link.</summary>
    internal Eepro100Link Link => _link;

    /// <summary>True if what is sent comes back and nothing else is received. On the I/O thread.</summary>
    internal bool IsLoopback => Configuration.IsLoopback || _link.IsLoopback;

    /// <summary>Sets causes. Without the device's lock: causes and their mask keep their own order.</summary>
    /// <param name="causes">Which; none does nothing.</param>
    internal void Raise(Eepro100Cause causes)
    {
        if (causes == 0)
        {
            return;
        }

        if (Dma.IsDropped(InterruptSites.MaskRecheck))
        {
            _causes.RaiseUnfenced((uint)causes);
        }
        else
        {
            _causes.Raise((uint)causes);
        }
    }

    /// <summary>Has both units look whether there is anything to do. Any thread.</summary>
    internal void PostUnits()
    {
        Queue.Post(_receiveUnit);
        Queue.Post(_commandUnit);
    }

    /// <summary>The state: configuration bytes from 0, the station's address from 32, the hash table from 40, the statistics from 48.</summary>
    /// <remarks>Which of the 596 bytes are what is the controller's own affair; drivers only count them.</remarks>
    /// <returns>Good until it is called again. On the I/O thread.</returns>
    internal ReadOnlySpan<byte> Dump()
    {
        var dump = _dump.AsSpan();
        Configuration.Bytes.CopyTo(dump);
        Configuration.Address.CopyTo(dump[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(dump[40..], Configuration.Hashes);
        Statistics.CopyTo(dump[48..]);
        return dump;
    }
}
