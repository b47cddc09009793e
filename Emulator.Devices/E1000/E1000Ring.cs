namespace Emulator.Devices;

/// <summary>A descriptor ring as its registers describe it (8254x manual, 3.2.6 and 3.4): what is from the head to before the tail is the controller's.</summary>
/// <remarks>
/// The guest writes the registers as it likes. A head that is outside the ring, or a ring of no length, makes it useless; a
/// tail outside it is one that the head never gets to.
/// </remarks>
internal struct E1000Ring
{
    private const int DescriptorSize = 16;

    private ulong _base;
    private int _tail;

    /// <summary>Descriptors in the ring.</summary>
    public int Count { get; private set; }

    /// <summary>The next that the controller takes.</summary>
    public int Head { get; private set; }

    /// <summary>True if there is a descriptor at the head.</summary>
    public readonly bool IsUsable => Head < Count;

    /// <summary>True if the head can get to the tail.</summary>
    public readonly bool HasTail => _tail < Count;

    /// <summary>How many descriptors are the controller's. None if head and tail are the same: a ring is never full.</summary>
    public readonly int Available => !IsUsable ? 0 : !HasTail ? Count : _tail >= Head ? _tail - Head : _tail - Head + Count;

    /// <summary>Where the descriptor at the head is.</summary>
    public readonly ulong Address => _base + ((ulong)Head * DescriptorSize);

    /// <summary>Takes the registers over.</summary>
    /// <param name="base">Where the ring is.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="head">The next descriptor that the controller takes.</param>
    /// <param name="tail">The first that is the driver's.</param>
    public void Load(ulong @base, ulong length, ulong head, ulong tail) =>
        (_base, Count, Head, _tail) = (@base, (int)length / DescriptorSize, (int)head, (int)tail);

    /// <summary>Gives the descriptor at the head back to the driver.</summary>
    public void Advance() => Head = Head + 1 == Count ? 0 : Head + 1;
}
