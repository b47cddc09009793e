using System.Numerics;

namespace Emulator.Host.Disks.Nbd;

/// <summary>What a server says of an export.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Flags">What it can do.</param>
/// <param name="MinimumBlock">Requests begin and end at multiples of this: a power of two.</param>
/// <param name="MaximumBlock">Bytes that a request reads or writes at most, a multiple of <paramref name="MinimumBlock"/>.</param>
internal sealed record NbdExport(long Size, NbdExportFlags Flags, int MinimumBlock = 1, int MaximumBlock = (int)NbdProtocol.DefaultMaximumBlock)
{
    /// <summary>The largest discard: any length is allowed that has a place in the request, and this one is a multiple of any block.</summary>
    public const int MaximumTrim = 1 << 30;

    private const int LargestMinimum = 1 << 16;

    /// <summary>True if nothing can be changed.</summary>
    public bool IsReadOnly => Can(NbdExportFlags.ReadOnly);

    /// <summary>True if all of these are set.</summary>
    public bool Can(NbdExportFlags flags) => (Flags & flags) == flags;

    /// <summary>Checks what a server said.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="flags">What it can do; without <see cref="NbdExportFlags.HasFlags"/> they mean nothing.</param>
    /// <param name="minimum">Bytes of the smallest request.</param>
    /// <param name="maximum">Bytes of the largest.</param>
    public static Result<NbdExport> Create(ulong size, ushort flags, uint minimum, uint maximum)
    {
        if (size > long.MaxValue || !BitOperations.IsPow2(minimum) || minimum > LargestMinimum || maximum < minimum)
        {
            return new Failure($"the server speaks of {size} bytes in requests of {minimum} to {maximum} bytes, which cannot be");
        }

        var known = (NbdExportFlags)flags;
        var largest = (int)Math.Min(maximum, NbdProtocol.DefaultMaximumBlock);
        return new NbdExport((long)size, known.HasFlag(NbdExportFlags.HasFlags) ? known : 0, (int)minimum, largest & -(int)minimum);
    }

    /// <summary>What it lacks to take the place of the one there was, or null. What it has more is not used.</summary>
    /// <param name="first">The one there was.</param>
    public string? Shortcoming(NbdExport first)
    {
        const NbdExportFlags Used = NbdExportFlags.Flush | NbdExportFlags.ForceUnitAccess | NbdExportFlags.Trim | NbdExportFlags.WriteZeroes;
        return Size < first.Size ? $"the server has come back with {Size} bytes instead of {first.Size}"
            : IsReadOnly && !first.IsReadOnly ? "the server has come back read-only"
            : !first.IsReadOnly && !Can(first.Flags & Used) ? $"the server has come back without {first.Flags & Used & ~Flags}"
            : MinimumBlock > first.MinimumBlock || MaximumBlock < first.MaximumBlock
                ? $"the server has come back with requests of {MinimumBlock} to {MaximumBlock} bytes instead of {first.MinimumBlock} to {first.MaximumBlock}"
            : null;
    }
}
