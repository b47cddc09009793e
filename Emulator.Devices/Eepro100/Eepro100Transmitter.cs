using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Sends what transmit blocks describe (8255x manual, 6.4.2.5). On the I/O thread.</summary>
/// <param name="function">The device.</param>
/// <param name="receiveUnit">Takes what is sent in loopback.</param>
internal sealed class Eepro100Transmitter(Eepro100Function function, Eepro100ReceiveUnit receiveUnit)
{
    /// <summary>Bytes of a frame; what is beyond is cut off.</summary>
    public const int LargestFrame = 2600;

    private const int CrcSize = 4;
    private const int ShortestFrame = 60;

    // Descriptors inside an extended transmit block.
    private const int BuffersInside = 2;

    private readonly byte[] _frame = new byte[LargestFrame];
    private int _length;

    /// <summary>True if any frame can be sent, or would be lost; if not, the unit is posted when that may have changed.</summary>
    public bool HasRoom => function.IsLoopback || !function.Link.IsUp || function.Port.HasRoom(LargestFrame);

    /// <summary>Collects a frame and sends it.</summary>
    /// <param name="address">The block's.</param>
    /// <param name="block">What was read of it.</param>
    public DmaStatus Send(ulong address, in Eepro100CommandBlock block)
    {
        _length = 0;
        var status = Collect(address, in block);
        if (status != DmaStatus.Ok)
        {
            function.Statistics.TransmitUnderruns += status == DmaStatus.NotBusMaster ? 0U : 1;
            return status;
        }

        if (_length > 0)
        {
            Send((block.Flags & Eepro100BlockFlags.NoCrc) != 0);
        }

        return DmaStatus.Ok;
    }

    // The bytes behind the block, then the buffers.
    private DmaStatus Collect(ulong address, in Eepro100CommandBlock block)
    {
        var status = Append(address + Eepro100CommandBlock.Size, block.ByteCount);
        if ((block.Flags & Eepro100BlockFlags.Flexible) == 0)
        {
            return status;
        }

        var inside = !function.Variant.Is82557 && function.Configuration.ExtendedTransmitBlocks ? BuffersInside : 0;
        for (var i = 0; i < block.BufferCount && status == DmaStatus.Ok; i++)
        {
            Eepro100TransmitBuffer buffer = default;
            var at = i < inside
                ? address + Eepro100CommandBlock.Size + (ulong)(i * Eepro100TransmitBuffer.Size)
                : block.Address + (ulong)((i - inside) * Eepro100TransmitBuffer.Size);
            status = function.Dma.Read(at, MemoryMarshal.AsBytes(new Span<Eepro100TransmitBuffer>(ref buffer)));
            if (status == DmaStatus.Ok)
            {
                status = Append(buffer.Address, buffer.Length);
                if (buffer.IsLast)
                {
                    break;
                }
            }
        }

        return status;
    }

    private DmaStatus Append(ulong address, int length)
    {
        length = Math.Min(length, LargestFrame - _length);
        if (length == 0)
        {
            return DmaStatus.Ok;
        }

        var status = function.Dma.Read(address, _frame.AsSpan(_length, length));
        _length += length;
        return status;
    }

    private void Send(bool hasCrc)
    {
        var isGood = !hasCrc || TakeCrcOff();
        if (!hasCrc)
        {
            Complete();
        }

        var frame = _frame.AsSpan(0, _length);
        if (function.IsLoopback)
        {
            receiveUnit.Loop(frame, isGood);
        }
        else if (!function.Link.IsUp)
        {
            function.Statistics.TransmitLostCarrier++;
            return;
        }
        else if (isGood)
        {
            // There is room. A frame with a wrong frame check sequence is nothing that anybody at the other end would take.
            function.Port.TrySend(frame);
        }

        function.Statistics.TransmitGood++;
    }

    // What the controller adds: its address as the source, and padding.
    private void Complete()
    {
        if (function.Configuration.InsertSourceAddress && _length >= 2 * MacAddress.Size)
        {
            function.Configuration.Address.CopyTo(_frame.AsSpan(MacAddress.Size));
        }

        if (function.Configuration.PadTransmitted && _length < ShortestFrame)
        {
            _frame.AsSpan(_length, ShortestFrame - _length).Fill((byte)(function.Variant.Is82557 ? 0x7E : 0x00));
            _length = ShortestFrame;
        }
    }

    // The wire carries none.
    private bool TakeCrcOff()
    {
        if (_length < CrcSize)
        {
            return false;
        }

        _length -= CrcSize;
        return BinaryPrimitives.ReadUInt32LittleEndian(_frame.AsSpan(_length)) == EthernetCrc.Compute(_frame.AsSpan(0, _length));
    }
}
