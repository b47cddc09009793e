using System.Diagnostics.CodeAnalysis;

namespace Emulator.Memory;

/// <summary>What the bus puts between two successive accesses of one initiator.</summary>
public enum DmaOrdering : byte
{
    /// <summary>A full fence before each access.</summary>
    Full,

    /// <summary>The fence that the last direction and this one need; full where the last is not known.</summary>
    Tracked,

    /// <summary>A load fence before each read, a store fence before each write; nothing orders a write and a later read, or a read and a later write.</summary>
    Split,

    /// <summary>PCI's own rules for an initiator that waits for its reads: writes in order, reads behind writes.</summary>
    Pci,

    /// <summary>Nothing.</summary>
    Relaxed,
}

/// <summary>The names of the orderings, and the fences each of them is made of.</summary>
public static class DmaOrderings
{
    private static readonly string[] Names = ["full", "tracked", "split", "pci", "relaxed"];

    /// <summary>The names as they are given on the command line, comma-separated.</summary>
    public static string AllNames => string.Join(", ", Names);

    /// <summary>The name as it is given on the command line.</summary>
    public static string Name(DmaOrdering ordering) => Names[(int)ordering];

    /// <summary>Reads a name.</summary>
    /// <param name="text">As the user gave it; case matters.</param>
    /// <param name="ordering">The ordering; full if there is none of that name.</param>
    /// <param name="error">What to tell the user: the wrong name and the right ones.</param>
    public static bool TryParse(string? text, out DmaOrdering ordering, [NotNullWhen(false)] out string? error)
    {
        var index = Array.IndexOf(Names, text);
        ordering = (DmaOrdering)Math.Max(index, 0);
        error = index >= 0 ? null : $"unknown DMA ordering '{text}'; valid: {AllNames}";
        return index >= 0;
    }

    /// <summary>The fence that stands before an access.</summary>
    /// <param name="ordering">The bus's.</param>
    /// <param name="last">The direction of the access before; null if it is not known.</param>
    /// <param name="next">The direction of the access.</param>
    public static DmaFence Between(DmaOrdering ordering, DmaDirection? last, DmaDirection next) => (ordering, last, next) switch
    {
        (DmaOrdering.Full, _, _) => DmaFence.Full,
        (DmaOrdering.Relaxed, _, _) => DmaFence.None,

        (DmaOrdering.Tracked, DmaDirection.Write, DmaDirection.Write) => DmaFence.StoreStore,
        (DmaOrdering.Tracked, DmaDirection.Read, DmaDirection.Read) => DmaFence.LoadLoad,
        (DmaOrdering.Tracked, DmaDirection.Read, DmaDirection.Write) => DmaFence.LoadStore,
        (DmaOrdering.Tracked, _, _) => DmaFence.Full,

        // Whatever was last: with a read between two writes, the second still needs its store fence.
        (DmaOrdering.Split, _, DmaDirection.Write) => DmaFence.StoreStore,
        (DmaOrdering.Split, _, _) => DmaFence.LoadLoad,

        // After a read nothing is needed: the full fence before that read was behind every write.
        (DmaOrdering.Pci, DmaDirection.Read, _) => DmaFence.None,
        (DmaOrdering.Pci, _, DmaDirection.Write) => DmaFence.StoreStore,
        _ => DmaFence.Full,
    };
}
