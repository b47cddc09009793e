using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>The statistical counters (8255x manual, 6.3.2.1.3). On the I/O thread.</summary>
/// <remarks>Collisions, overruns and the counters of flow control and management stay 0: nothing here has any.</remarks>
internal sealed class Eepro100Statistics
{
    /// <summary>Bytes with everything that an 82559 counts, without the completion word.</summary>
    public const int LargestSize = 80;

    /// <summary>Frames sent.</summary>
    public uint TransmitGood;

    /// <summary>Frames that could not be read from memory.</summary>
    public uint TransmitUnderruns;

    /// <summary>Frames sent without a link.</summary>
    public uint TransmitLostCarrier;

    /// <summary>Frames stored without an error.</summary>
    public uint ReceiveGood;

    /// <summary>Frames with a wrong frame check sequence.</summary>
    public uint ReceiveCrcErrors;

    /// <summary>Frames lost, or cut off, for want of descriptors or room.</summary>
    public uint ReceiveResourceErrors;

    /// <summary>Frames of less than 64 bytes.</summary>
    public uint ReceiveShort;

    /// <summary>All to 0.</summary>
    public void Reset()
    {
        (TransmitGood, TransmitUnderruns, TransmitLostCarrier) = (0, 0, 0);
        (ReceiveGood, ReceiveCrcErrors, ReceiveResourceErrors, ReceiveShort) = (0, 0, 0, 0);
    }

    /// <summary>Counts a frame that was stored.</summary>
    /// <param name="status">Its descriptor's.</param>
    public void CountReceived(Eepro100FrameStatus status)
    {
        ReceiveGood += Of(Eepro100FrameStatus.Ok);
        ReceiveCrcErrors += Of(Eepro100FrameStatus.CrcError);
        ReceiveShort += Of(Eepro100FrameStatus.Short);
        ReceiveResourceErrors += Of(Eepro100FrameStatus.NoBufferSpace);

        uint Of(Eepro100FrameStatus bit) => (status & bit) != 0 ? 1U : 0;
    }

    /// <summary>Puts them where the driver expects them.</summary>
    /// <param name="counters">64 bytes or more; those of other counters are 0 and stay.</param>
    public void CopyTo(Span<byte> counters)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(counters, TransmitGood);
        BinaryPrimitives.WriteUInt32LittleEndian(counters[12..], TransmitUnderruns);
        BinaryPrimitives.WriteUInt32LittleEndian(counters[16..], TransmitLostCarrier);
        BinaryPrimitives.WriteUInt32LittleEndian(counters[36..], ReceiveGood);
        BinaryPrimitives.WriteUInt32LittleEndian(counters[40..], ReceiveCrcErrors);
        BinaryPrimitives.WriteUInt32LittleEndian(counters[48..], ReceiveResourceErrors);
        BinaryPrimitives.WriteUInt32LittleEndian(counters[60..], ReceiveShort);
    }
}
