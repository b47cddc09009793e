using System.Collections.Concurrent;

namespace Emulator.Memory.Tests;

/// <summary>Registers made of bytes, which remember how they were accessed and refuse sizes on request.</summary>
internal sealed class Registers(int size) : IBusTarget
{
    public byte[] Bytes { get; } = new byte[size];

    public int WidestServed { get; init; } = 8;

    public ConcurrentQueue<(bool IsWrite, ulong Offset, int Size)> Log { get; } = new();

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        Log.Enqueue((false, offset, size));
        value = 0;
        if (size > WidestServed)
        {
            return BusStatus.InvalidSize;
        }

        for (var i = 0; i < size; i++)
        {
            value |= (ulong)Bytes[(int)offset + i] << (8 * i);
        }

        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong value)
    {
        Log.Enqueue((true, offset, size));
        if (size > WidestServed)
        {
            return BusStatus.InvalidSize;
        }

        for (var i = 0; i < size; i++)
        {
            Bytes[(int)offset + i] = (byte)(value >> (8 * i));
        }

        return BusStatus.Ok;
    }
}

/// <summary>Registers that all read as one value.</summary>
internal sealed class Constant(ulong value) : IBusTarget
{
    public BusStatus Read(ulong offset, int size, out ulong read)
    {
        read = value;
        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong written) => BusStatus.Ok;
}

/// <summary>An observer that writes down what it is told.</summary>
internal sealed class Witness : IMemoryObserver
{
    public List<ulong> Pages { get; } = [];

    public int Maps { get; private set; }

    public void CodeWritten(ulong physicalPage) => Pages.Add(physicalPage);

    public void MapChanged() => Maps++;

    public void CodeDecoded(ulong physicalPage) => Decoded.Add(physicalPage);

    public void PagesWatched() => Watches++;

    public List<ulong> Decoded { get; } = [];

    public int Watches { get; private set; }
}
