using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>A frame as it is to be stored, and what its descriptors say of it. On the I/O thread.</summary>
internal sealed class E1000ReceivedFrame
{
    /// <summary>Bytes of the longest frame that is received, without its frame check sequence.</summary>
    public const int Longest = 0x4000 - FcsSize;

    /// <summary>As <see cref="Longest"/>, without RCTL.LPE: 1522 with it.</summary>
    public const int LongestWithout = 1522 - FcsSize;

    private const int Shortest = 60;
    private const int FcsSize = 4;
    private const int TagSize = 4;
    private const int AddressesSize = 2 * MacAddress.Size;

    private readonly byte[] _bytes = new byte[Longest + FcsSize];
    private readonly byte[] _short = new byte[Shortest];
    private E1000ReceiveStatus _status;
    private E1000ReceiveErrors _errors;
    private ushort _checksum;
    private ushort _tag;

    /// <summary>Bytes that are stored; 0 if there is no frame.</summary>
    public int Length { get; private set; }

    /// <summary>A frame that is as long as the shortest at least: what comes from back ends is not padded.</summary>
    public ReadOnlySpan<byte> Pad(ReadOnlySpan<byte> frame)
    {
        if (frame.Length >= Shortest)
        {
            return frame;
        }

        frame.CopyTo(_short);
        _short.AsSpan(frame.Length).Clear();
        return _short;
    }

    /// <summary>Copies a frame.</summary>
    /// <param name="frame">60 bytes at least, and no more than <see cref="Longest"/>.</param>
    /// <param name="wrongFcs">The frame check sequence it has, if that is wrong.</param>
    /// <param name="settings">What is done to it.</param>
    public void Take(ReadOnlySpan<byte> frame, uint? wrongFcs, Settings settings)
    {
        (_status, _errors, _tag) = (settings.IsInexact ? E1000ReceiveStatus.PassedInexact : 0, wrongFcs is null ? 0 : E1000ReceiveErrors.Crc, 0);
        CheckSums(frame, settings.Checksums);
        if (settings.TakeTag)
        {
            _status |= E1000ReceiveStatus.Vlan;
            _tag = BinaryPrimitives.ReadUInt16BigEndian(frame[(AddressesSize + 2)..]);
            frame[..AddressesSize].CopyTo(_bytes);
            frame[(AddressesSize + TagSize)..].CopyTo(_bytes.AsSpan(AddressesSize));
            Length = frame.Length - TagSize;
        }
        else
        {
            frame.CopyTo(_bytes);
            Length = frame.Length;
        }

        if (!settings.StripCrc)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(Length), wrongFcs ?? EthernetCrc.Compute(frame));
            Length += FcsSize;
        }

        var start = (byte)settings.Checksums;
        _checksum = (ushort)~(start < Length ? InternetChecksum.Sum(_bytes.AsSpan(start, Length - start)) : 0);
    }

    /// <summary>No frame.</summary>
    public void Clear() => Length = 0;

    /// <summary>The next bytes.</summary>
    /// <param name="from">The first.</param>
    /// <param name="most">How many at most.</param>
    public ReadOnlySpan<byte> Bytes(int from, int most) => _bytes.AsSpan(from, Math.Min(most, Length - from));

    /// <summary>What a descriptor says before it is handed over. Errors, checksum and tag are the last's.</summary>
    /// <param name="length">Bytes in its buffer.</param>
    /// <param name="isLast">True for the packet's last.</param>
    /// <param name="isStored">False if its buffer did not take them.</param>
    public E1000ReceiveBody Body(int length, bool isLast, bool isStored)
    {
        _errors |= isStored ? 0 : E1000ReceiveErrors.Data;
        return isLast ? new E1000ReceiveBody(length, _checksum, _errors, _tag) : new E1000ReceiveBody(length, 0, isStored ? 0 : E1000ReceiveErrors.Data, 0);
    }

    /// <summary>A descriptor's status, less DD.</summary>
    /// <param name="isLast">True for the packet's last.</param>
    public E1000ReceiveStatus Status(bool isLast) => isLast ? _status | E1000ReceiveStatus.EndOfPacket : 0;

    private void CheckSums(ReadOnlySpan<byte> frame, ulong control)
    {
        var checks = (E1000ChecksumControl)control & (E1000ChecksumControl.Ip | E1000ChecksumControl.Transport);
        if (checks == 0)
        {
            _status |= E1000ReceiveStatus.IgnoreChecksums;
            return;
        }

        E1000ReceiveChecksums.Check(frame, checks, ref _status, ref _errors);
    }

    /// <summary>What is done to a frame.</summary>
    /// <param name="StripCrc">RCTL.SECRC.</param>
    /// <param name="TakeTag">It has a tag, and CTRL.VME is set.</param>
    /// <param name="IsInexact">No exact filter let it pass.</param>
    /// <param name="Checksums">RXCSUM.</param>
    public readonly record struct Settings(bool StripCrc, bool TakeTag, bool IsInexact, ulong Checksums);
}
