using System.Buffers.Binary;
using System.Globalization;

namespace Emulator.Devices;

/// <summary>A station's 48-bit address (IEEE 802.3, 3.2.3), in the order of its bytes on the wire.</summary>
public readonly record struct MacAddress
{
    /// <summary>Bytes in an address.</summary>
    public const int Size = 6;

    private readonly ulong _bytes;

    private MacAddress(ulong bytes) => _bytes = bytes;

    /// <summary>The address of the n-th controller that was given none, as QEMU numbers them: 52:54:00:12:34:56 and up.</summary>
    /// <param name="index">From 0.</param>
    public static MacAddress Default(int index) => new(0x5254_0012_3456 + (ulong)index);

    /// <summary>True for a multicast address or broadcast: the first bit on the wire.</summary>
    public bool IsGroup => ((_bytes >> 40) & 1) != 0;

    /// <summary>Reads six bytes.</summary>
    /// <param name="bytes">As they are on the wire.</param>
    public static MacAddress Read(ReadOnlySpan<byte> bytes) =>
        new(((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>Writes six bytes, as they are on the wire.</summary>
    /// <param name="bytes">Takes them.</param>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(_bytes >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)_bytes);
    }

    /// <summary>Reads 52:54:00:12:34:56, or the same with dashes.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="address">The address.</param>
    public static bool TryParse(string text, out MacAddress address)
    {
        address = default;
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(text.Contains('-', StringComparison.Ordinal) ? '-' : ':');
        ulong bytes = 0;
        foreach (var part in parts)
        {
            if (part.Length is not (1 or 2) || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            bytes = (bytes << 8) | value;
        }

        address = new MacAddress(bytes);
        return parts.Length == Size;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return $"{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}:{bytes[5]:x2}";
    }
}
