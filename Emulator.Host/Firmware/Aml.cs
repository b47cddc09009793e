using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Emulator.Host.Firmware;

/// <summary>Terms of ACPI machine language (ACPI 2.0, chapter 17), each as the bytes it encodes to; as many as a table of devices needs.</summary>
internal static class Aml
{
    private const byte ZeroOp = 0x00;
    private const byte OneOp = 0x01;
    private const byte NameOp = 0x08;
    private const byte BytePrefix = 0x0A;
    private const byte WordPrefix = 0x0B;
    private const byte DwordPrefix = 0x0C;
    private const byte StringPrefix = 0x0D;
    private const byte QwordPrefix = 0x0E;
    private const byte ScopeOp = 0x10;
    private const byte BufferOp = 0x11;
    private const byte PackageOp = 0x12;
    private const byte MethodOp = 0x14;
    private const byte DualNamePrefix = 0x2E;
    private const byte MultiNamePrefix = 0x2F;
    private const byte ExtendedPrefix = 0x5B;
    private const byte ReturnOp = 0xA4;
    private const byte DeviceOp = 0x82;

    private const int SegmentLength = 4;

    /// <summary>A constant, in the shortest form.</summary>
    public static byte[] Integer(ulong value) => value switch
    {
        0 => [ZeroOp],
        1 => [OneOp],
        <= byte.MaxValue => [BytePrefix, (byte)value],
        <= ushort.MaxValue => new TableWriter().Byte(WordPrefix).Word((int)value).ToArray(),
        <= uint.MaxValue => new TableWriter().Byte(DwordPrefix).Dword(value).ToArray(),
        _ => new TableWriter().Byte(QwordPrefix).Qword(value).ToArray(),
    };

    /// <summary>A string of ASCII characters.</summary>
    public static byte[] String(string text) => [StringPrefix, .. Encoding.ASCII.GetBytes(text), 0];

    /// <summary>A compressed identifier such as PNP0A03: three letters and four hexadecimal digits, as an integer.</summary>
    /// <exception cref="ArgumentException">It is no such thing.</exception>
    public static byte[] EisaId(string id)
    {
        if (id.Length != 7
            || id[..3].Any(c => c is < 'A' or > 'Z')
            || !uint.TryParse(id.AsSpan(3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var product))
        {
            throw new ArgumentException($"'{id}' is not three letters and four digits.", nameof(id));
        }

        // Five bits a letter and four a digit, the first in front: the one big-endian number in all the tables.
        var letters = (uint)(((id[0] - '@') << 10) | ((id[1] - '@') << 5) | (id[2] - '@'));
        return Integer(BinaryPrimitives.ReverseEndianness((letters << 16) | product));
    }

    /// <summary>A buffer with all its bytes.</summary>
    public static byte[] Buffer(ReadOnlySpan<byte> bytes) => [BufferOp, .. Sized([.. Integer((ulong)bytes.Length), .. bytes])];

    /// <summary>A package.</summary>
    /// <param name="elements">At most 255.</param>
    public static byte[] Package(params ReadOnlySpan<byte[]> elements)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elements.Length, byte.MaxValue, nameof(elements));
        return [PackageOp, .. Sized([(byte)elements.Length, .. Concatenate(elements)])];
    }

    /// <summary>Gives a value a name.</summary>
    public static byte[] Name(string name, byte[] value) => [NameOp, .. Path(name), .. value];

    /// <summary>Opens a name that exists.</summary>
    public static byte[] Scope(string path, params ReadOnlySpan<byte[]> terms) => [ScopeOp, .. Sized([.. Path(path), .. Concatenate(terms)])];

    /// <summary>A device.</summary>
    public static byte[] Device(string name, params ReadOnlySpan<byte[]> terms) =>
        [ExtendedPrefix, DeviceOp, .. Sized([.. Path(name), .. Concatenate(terms)])];

    /// <summary>A method, not serialized.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">How many it takes, 0 to 7.</param>
    /// <param name="terms">What it does.</param>
    public static byte[] Method(string name, int arguments, params ReadOnlySpan<byte[]> terms) =>
        [MethodOp, .. Sized([.. Path(name), (byte)arguments, .. Concatenate(terms)])];

    /// <summary>Leaves a method with a value.</summary>
    public static byte[] Return(byte[] value) => [ReturnOp, .. value];

    /// <summary>A name, or names with dots between and perhaps the root's backslash before them; short ones are filled with underscores.</summary>
    /// <exception cref="ArgumentException">A part has not one to four characters of those allowed.</exception>
    internal static byte[] Path(string path)
    {
        var root = path.StartsWith('\\');
        var names = (root ? path[1..] : path).Split('.');
        var bytes = new List<byte>();
        if (root)
        {
            bytes.Add((byte)'\\');
        }

        if (names.Length == 2)
        {
            bytes.Add(DualNamePrefix);
        }
        else if (names.Length > 2)
        {
            bytes.AddRange([MultiNamePrefix, (byte)names.Length]);
        }

        foreach (var name in names)
        {
            if (name.Length is 0 or > SegmentLength || char.IsAsciiDigit(name[0]) || !name.All(c => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_'))
            {
                throw new ArgumentException($"'{name}' in '{path}' is no name of one to four capital letters, digits and underscores.", nameof(path));
            }

            bytes.AddRange(Encoding.ASCII.GetBytes(name.PadRight(SegmentLength, '_')));
        }

        return [.. bytes];
    }

    /// <summary>Puts the length before what it counts, and counts its own one to four bytes (17.2.4).</summary>
    internal static byte[] Sized(byte[] content)
    {
        const int OneByteEnd = 1 << 6;
        const int TwoByteEnd = 1 << 12;
        const int ThreeByteEnd = 1 << 20;
        var more = content.Length + 1 < OneByteEnd ? 0
            : content.Length + 2 < TwoByteEnd ? 1
            : content.Length + 3 < ThreeByteEnd ? 2
            : 3;
        var length = content.Length + 1 + more;
        if (more == 0)
        {
            return [(byte)length, .. content];
        }

        var bytes = new List<byte> { (byte)((more << 6) | (length & 0xF)) };
        for (var i = 0; i < more; i++)
        {
            bytes.Add((byte)(length >> (4 + (8 * i))));
        }

        bytes.AddRange(content);
        return [.. bytes];
    }

    private static byte[] Concatenate(ReadOnlySpan<byte[]> terms)
    {
        var bytes = new List<byte>();
        foreach (var term in terms)
        {
            bytes.AddRange(term);
        }

        return [.. bytes];
    }
}
