using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A place in a ring of descriptors. On the I/O thread.</summary>
internal struct Rtl8139DescriptorRing
{
    private int _index;

    /// <summary>Back to the ring's start.</summary>
    public void Restart() => _index = 0;

    /// <summary>Where the descriptor is.</summary>
    /// <param name="start">Where the ring is.</param>
    public readonly ulong Address(ulong start) => start + (uint)(_index * Rtl8139Descriptor.Size);

    /// <summary>Goes on to the next.</summary>
    /// <param name="word">The descriptor's first word.</param>
    public void Advance(uint word) => _index = (word & Rtl8139Descriptor.EndOfRing) != 0 ? 0 : (_index + 1) % Rtl8139Descriptor.Most;

    /// <summary>Reads the descriptor, once. Without OWN only its first word.</summary>
    /// <param name="dma">The function's.</param>
    /// <param name="start">Where the ring is.</param>
    /// <param name="word">Its first word.</param>
    /// <param name="body">The rest.</param>
    public readonly DmaStatus Load(DmaContext dma, ulong start, out uint word, out Rtl8139Descriptor body)
    {
        body = default;
        var address = Address(start);
        var status = dma.Load(address, out word);
        if (status != DmaStatus.Ok || (word & Rtl8139Descriptor.Own) == 0)
        {
            return status;
        }

        // rtl8139.cplus.own-before-body: pairs with the wmb() before opts1 in cp_start_xmit().
        dma.ReadBarrier(Rtl8139Sites.OwnBeforeBody);
        return dma.Read(address + Rtl8139Descriptor.BodyOffset, MemoryMarshal.AsBytes(new Span<Rtl8139Descriptor>(ref body)));
    }
}
