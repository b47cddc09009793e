using System.Collections.Concurrent;
using Emulator.Memory;

namespace Emulator.Pci.Tests;

/// <summary>The window of the local APICs, as far as a function sees it: remembers what came.</summary>
internal sealed class MessageWindow : IBusTarget, IMessageTarget
{
    public const ulong Base = 0xFEE00000;
    public const ulong Size = 0x100000;

    public ConcurrentQueue<(ulong Address, uint Data)> Messages { get; } = new();

    /// <summary>Called with each message's data, on the thread that sends it.</summary>
    public Action<uint>? Arrived { get; set; }

    public static MessageWindow On(GuestMemory memory)
    {
        var window = new MessageWindow();
        memory.AddMmio("messages", Base, Size, window);
        return window;
    }

    public void Message(ulong address, uint data)
    {
        if (Arrived is { } arrived)
        {
            arrived(data);
        }
        else
        {
            Messages.Enqueue((address, data));
        }
    }

    public (ulong Address, uint Data)[] Take()
    {
        var all = Messages.ToArray();
        Messages.Clear();
        return all;
    }

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
}
