using System.Buffers.Binary;
using Emulator.Devices;

namespace Emulator.Host.Network;

/// <summary>Frames out of a stream of bytes, each behind its length in 32 bits, big-endian: what QEMU and passt send.</summary>
internal sealed class FrameAssembler
{
    /// <summary>Bytes of the length.</summary>
    public const int PrefixSize = sizeof(uint);

    private readonly byte[] _bytes = new byte[PrefixSize + NetworkPort.LargestFrame];
    private int _start;
    private int _end;

    /// <summary>A length that no frame has, which ends the stream: what follows is not to be told apart any more. Null while all is well.</summary>
    public uint? BadLength { get; private set; }

    /// <summary>True between two frames.</summary>
    public bool IsWhole => _start == _end;

    /// <summary>Where the next bytes go; never empty once <see cref="TryNext"/> has found no more.</summary>
    public Span<byte> Room
    {
        get
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
            return _bytes.AsSpan(_end);
        }
    }

    /// <summary>So many bytes came into <see cref="Room"/>.</summary>
    public void Add(int count) => _end += count;

    /// <summary>The next frame that is complete.</summary>
    /// <param name="frame">Good until <see cref="Room"/> is asked for.</param>
    public bool TryNext(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        var rest = _bytes.AsSpan(_start, _end - _start);
        if (BadLength is not null || rest.Length < PrefixSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length is 0 or > NetworkPort.LargestFrame)
        {
            BadLength = length;
            return false;
        }

        if ((uint)(rest.Length - PrefixSize) < length)
        {
            return false;
        }

        frame = rest.Slice(PrefixSize, (int)length);
        _start += PrefixSize + (int)length;
        return true;
    }
}
