namespace Emulator.Fuzz.Scsi;

/// <summary>Whether sense data is as SPC-3, 4.5 has it.</summary>
internal static class SenseData
{
    private const int FixedLength = 18;
    private const int DescriptorHeader = 8;

    /// <summary>Looks at a reply to REQUEST SENSE.</summary>
    /// <param name="data">What came, from its beginning.</param>
    /// <param name="allocated">ALLOCATION LENGTH, which may have cut it off.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Check(ReadOnlySpan<byte> data, long allocated)
    {
        var isFixed = (data[0] & 0x7F) == 0x70;
        if (!isFixed && data[0] != 0x72)
        {
            return $"sense data with response code {data[0]:X2}";
        }

        if (data.Length < DescriptorHeader)
        {
            return null;
        }

        var whole = DescriptorHeader + data[7];
        if (data.Length != Math.Min(whole, allocated) || (isFixed && whole != FixedLength))
        {
            return $"sense data of {data.Length} bytes with an additional length of {data[7]}";
        }

        return (data[isFixed ? 2 : 1] & 0x0F) == 0x0F ? "sense data with a sense key of F" : isFixed ? null : CheckDescriptors(data[DescriptorHeader..], whole - DescriptorHeader);
    }

    /// <summary>The sense key.</summary>
    public static int Key(ReadOnlySpan<byte> data) => data.Length < 3 ? -1 : data[(data[0] & 0x7F) == 0x70 ? 2 : 1] & 0x0F;

    private static string? CheckDescriptors(ReadOnlySpan<byte> descriptors, int length)
    {
        var at = 0;
        while (at < length && at + 1 < descriptors.Length)
        {
            at += 2 + descriptors[at + 1];
        }

        return at > length || (descriptors.Length == length && at != length) ? $"descriptors of {at} bytes in {length}" : null;
    }
}
