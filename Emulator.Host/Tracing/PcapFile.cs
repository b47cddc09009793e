using System.Buffers.Binary;

namespace Emulator.Host.Tracing;

/// <summary>A capture file, as Wireshark and others read it (IETF draft-ietf-opsawg-pcap).</summary>
internal sealed class PcapFile
{
    /// <summary>LINKTYPE_ETHERNET: frames without preamble and frame check sequence.</summary>
    public const uint Ethernet = 1;

    /// <summary>LINKTYPE_WIRESHARK_UPPER_PDU.</summary>
    public const uint UpperPdu = 252;

    /// <summary>No packet is longer.</summary>
    private const int SnapLength = 262144;

    private const uint Microseconds = 0xA1B2C3D4;
    private const uint Nanoseconds = 0xA1B23C4D;

    private readonly Stream _output;
    private readonly long _unit;

    /// <summary>Writes the file's head.</summary>
    /// <param name="output">Where to; not closed.</param>
    /// <param name="linkType">What the packets are.</param>
    /// <param name="inNanoseconds">False if times are written in microseconds, which is what every reader knows.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public PcapFile(Stream output, uint linkType, bool inNanoseconds)
    {
        (_output, _unit) = (output, inNanoseconds ? 1 : 1_000);
        WriteWords(inNanoseconds ? Nanoseconds : Microseconds, 2 | (4 << 16), 0, 0, SnapLength, linkType);
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="nanoseconds">Its time, since 1970 or whatever the file counts from.</param>
    /// <param name="captured">What is kept of it.</param>
    /// <param name="length">How long it was.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(long nanoseconds, ReadOnlySpan<byte> captured, int length)
    {
        var (seconds, rest) = Math.DivRem(Math.Max(nanoseconds, 0), 1_000_000_000);
        WriteWords((uint)seconds, (uint)(rest / _unit), (uint)captured.Length, (uint)length);
        _output.Write(captured);
    }

    private void WriteWords(params ReadOnlySpan<uint> words)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var word in words)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
            _output.Write(bytes);
        }
    }
}
