namespace Emulator.Memory;

/// <summary>A store that others do not see yet, or a message that is not there yet.</summary>
internal unsafe struct WaitingStore
{
    public byte* Host;
    public byte* PageByte;
    public ulong Physical;
    public ulong Value;
    public IMessageTarget? Target;
    public long Ticket;

    /// <summary>Its number among those of its initiator.</summary>
    public int Number;

    /// <summary>A store becomes visible behind all those of its initiator that have a lower one.</summary>
    public long Epoch;

    /// <summary>How many earlier ones of the initiator that still wait touch the same bytes.</summary>
    public int Behind;
    public int Size;

    public readonly bool Overlaps(byte* host, int size) => Target is null && Host < host + size && host < Host + Size;
}
