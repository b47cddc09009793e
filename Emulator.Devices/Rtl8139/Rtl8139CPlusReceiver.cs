using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Writes packets into descriptors' buffers: one, or as many as a packet takes. On the I/O thread.</summary>
internal sealed class Rtl8139CPlusReceiver(Rtl8139Function function)
{
    /// <summary>The longest packet that a descriptor can tell of, its frame check sequence with it.</summary>
    public const int LongestPacket = (int)Rtl8139Descriptor.ReceiveSize;

    private readonly Taken[] _taken = new Taken[Rtl8139Descriptor.Most];
    private Rtl8139DescriptorRing _ring;
    private int _epoch;

    /// <summary>Puts a packet into the buffers of the next descriptors and gives them to the driver.</summary>
    /// <param name="packet">With its frame check sequence, at most <see cref="LongestPacket"/> bytes.</param>
    /// <param name="word">What it is: bits of the first word.</param>
    /// <param name="tag">The second word.</param>
    /// <param name="reception">What the registers say.</param>
    public Rtl8139Outcome Put(ReadOnlySpan<byte> packet, uint word, uint tag, in Rtl8139Reception reception)
    {
        if (_epoch != reception.Epoch)
        {
            _epoch = reception.Epoch;
            _ring.Restart();
        }

        var next = _ring;
        var outcome = Gather(packet.Length, ref next, in reception, out var count);
        if (outcome != Rtl8139Outcome.Done)
        {
            return outcome;
        }

        // The last first: a driver that finds the first has all of them.
        for (var i = count - 1; i >= 0; i--)
        {
            ref readonly var taken = ref _taken[i];
            var length = Math.Min(taken.Room, packet.Length - taken.Offset);
            var status = Complete(in taken, packet.Slice(taken.Offset, length), Word(i, count, packet.Length, word), tag);
            if (status != DmaStatus.Ok)
            {
                return Refused(status);
            }
        }

        _ring = next;
        return Rtl8139Outcome.Done;
    }

    // Takes descriptors until there is room. None of them is changed yet: with too few the packet waits.
    private Rtl8139Outcome Gather(int length, ref Rtl8139DescriptorRing next, in Rtl8139Reception reception, out int count)
    {
        var room = 0;
        for (count = 0; room < length && count < _taken.Length; count++)
        {
            var address = next.Address(reception.Descriptors);
            var status = next.Load(function.Dma, reception.Descriptors, out var word, out var body);
            if (status != DmaStatus.Ok)
            {
                return Refused(status);
            }

            if ((word & Rtl8139Descriptor.Own) == 0)
            {
                return Rtl8139Outcome.Full;
            }

            var taken = new Taken(address, body.Buffer, room, (int)(word & Rtl8139Descriptor.ReceiveSize), word & Rtl8139Descriptor.EndOfRing);
            _taken[count] = taken;
            room += taken.Room;
            next.Advance(word);
        }

        if (room >= length)
        {
            return Rtl8139Outcome.Done;
        }

        // A whole ring has too little room: no driver means that.
        function.Tally.CountReceiveError();
        function.Raise(Rtl8139Cause.ReceiveError);
        return Rtl8139Outcome.Lost;
    }

    private static uint Word(int index, int count, int length, uint word)
    {
        var first = index == 0 ? Rtl8139Descriptor.First : 0;
        return index == count - 1 ? word | first | Rtl8139Descriptor.Last | (uint)length : word | first;
    }

    // rtl8139.cplus.rx.body-before-own: the packet and the second word, then the first by one store. Pairs with the driver's
    // read barrier between the first word and the rest.
    private DmaStatus Complete(in Taken taken, ReadOnlySpan<byte> part, uint word, uint tag)
    {
        var status = function.Dma.Store(taken.Address + Rtl8139Descriptor.BodyOffset, tag);
        return status != DmaStatus.Ok
            ? status
            : function.Dma.WriteThenPublish(taken.Buffer, part, taken.Address, word | taken.EndOfRing, Rtl8139Sites.BodyBeforeOwn);
    }

    private Rtl8139Outcome Refused(DmaStatus status)
    {
        if (status == DmaStatus.NotBusMaster)
        {
            return Rtl8139Outcome.Wait;
        }

        function.Fault(status);
        return Rtl8139Outcome.Lost;
    }

    // A descriptor, and which part of the packet its buffer takes.
    private readonly record struct Taken(ulong Address, ulong Buffer, int Offset, int Room, uint EndOfRing);
}
