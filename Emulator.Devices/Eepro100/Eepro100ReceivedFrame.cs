using System.Buffers.Binary;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A frame on its way into memory.</summary>
internal readonly ref struct Eepro100ReceivedFrame
{
    private const int HeaderSize = 14;
    private const int TypeOffset = 12;
    private const int LargestLength = 1500;
    private const int CrcSize = 4;
    private const int LongestFrame = HeaderSize + LargestLength;

    private readonly ReadOnlySpan<byte> _data;
    private readonly uint _crc;

    private Eepro100ReceivedFrame(ReadOnlySpan<byte> data, Eepro100FrameStatus status, uint? crc)
    {
        _data = data;
        (_crc, Length, Status) = (crc ?? 0, data.Length + (crc is null ? 0 : CrcSize), status);
    }

    /// <summary>Bytes of a frame that is not too short, without its frame check sequence.</summary>
    public static int ShortestFrame => 60;

    /// <summary>Bytes to store.</summary>
    public int Length { get; }

    /// <summary>What its descriptor says about it, C and OK apart.</summary>
    public Eepro100FrameStatus Status { get; }

    /// <summary>Looks at a frame as the configuration has it looked at.</summary>
    /// <param name="function">The device; its statistics count what is dropped for an error.</param>
    /// <param name="data">The frame.</param>
    /// <param name="isGood">False if its frame check sequence is wrong.</param>
    /// <param name="frame">What is to be stored.</param>
    /// <returns>False if it is not for this station, or not to be stored.</returns>
    public static bool TryTake(Eepro100Function function, ReadOnlySpan<byte> data, bool isGood, out Eepro100ReceivedFrame frame)
    {
        frame = default;
        var configuration = function.Configuration;
        if (!configuration.Accepts(data, out var status) || (data.Length > LongestFrame && !configuration.LongFrames))
        {
            return false;
        }

        if (!isGood)
        {
            status |= Eepro100FrameStatus.CrcError;
            if (!configuration.SaveBadFrames)
            {
                function.Statistics.ReceiveCrcErrors++;
                return false;
            }
        }

        if (data.Length < ShortestFrame)
        {
            status |= Eepro100FrameStatus.Short;
            if (configuration.DiscardShort)
            {
                function.Statistics.ReceiveShort++;
                return false;
            }
        }

        // Without the padding the frame check sequence would make no sense.
        var length = data.Length < HeaderSize ? LargestLength : BinaryPrimitives.ReadUInt16BigEndian(data[TypeOffset..]);
        status |= length > LargestLength ? Eepro100FrameStatus.Type : 0;
        var isStripped = configuration.StripPadding && length <= LargestLength && HeaderSize + length < data.Length;
        frame = isStripped ? new Eepro100ReceivedFrame(data[..(HeaderSize + length)], status, null)
            : new Eepro100ReceivedFrame(data, status, configuration.StoreCrc ? EthernetCrc.Compute(data) ^ (isGood ? 0 : uint.MaxValue) : null);
        return true;
    }

    /// <summary>Writes a part of it.</summary>
    /// <param name="dma">Where by.</param>
    /// <param name="address">Where to.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="count">How many, all of them in the frame.</param>
    public DmaStatus Write(DmaContext dma, ulong address, int start, int count)
    {
        var ofData = Math.Clamp(_data.Length - start, 0, count);
        var status = ofData > 0 ? dma.Write(address, _data.Slice(start, ofData)) : DmaStatus.Ok;
        if (status == DmaStatus.Ok && ofData < count)
        {
            Span<byte> crc = stackalloc byte[CrcSize];
            BinaryPrimitives.WriteUInt32LittleEndian(crc, _crc);
            status = dma.Write(address + (ulong)ofData, crc.Slice(start + ofData - _data.Length, count - ofData));
        }

        return status;
    }
}
