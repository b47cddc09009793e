using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>The list of receive buffer descriptors of the flexible structure. On the I/O thread, but for the base.</summary>
/// <remarks>
/// The driver gives the first descriptor to the first frame descriptor; the unit goes on from there, and writes into each frame descriptor
/// where its frame begins.
/// </remarks>
/// <param name="function">The device.</param>
internal sealed class Eepro100ReceiveBuffers(Eepro100Function function)
{
    // A list may be without an end, and of empty buffers.
    private const int BuffersPerFrame = 64;

    private const uint CountOffset = 0;
    private const uint LinkOffset = 4;
    private const uint SizeOffset = 12;

    // Under the device's lock; what runs may take either value.
    private uint _base;

    // The next one; or the last, which was the end of the list.
    private uint? _next;
    private uint? _last;

    /// <summary>The driver gives what is added to addresses. Under the device's lock.</summary>
    /// <param name="value">Bytes.</param>
    public void LoadBase(uint value) => Volatile.Write(ref _base, value);

    /// <summary>As after a reset, with nothing running.</summary>
    /// <param name="keepBase">True for a selective reset.</param>
    public void Reset(bool keepBase)
    {
        _base = keepBase ? _base : 0;
        Begin();
    }

    /// <summary>The unit was started: nothing is known of buffers.</summary>
    public void Begin() => (_next, _last) = (null, null);

    /// <summary>Finds where a frame begins.</summary>
    /// <param name="descriptor">Its descriptor.</param>
    /// <param name="first">The buffer descriptor, less the base.</param>
    /// <returns>False if there is none.</returns>
    public bool TryFindFirst(in Eepro100FrameDescriptor descriptor, out uint first)
    {
        if (descriptor.Buffer != Eepro100FrameDescriptor.NoBuffer)
        {
            first = descriptor.Buffer;
            return true;
        }

        if (_next is null && _last is { } last
            && function.Dma.Load<ushort>(At(last) + SizeOffset, out var size) == DmaStatus.Ok && (size & Eepro100ReceiveBuffer.EndOfList) == 0
            && function.Dma.Load<uint>(At(last) + LinkOffset, out var link) == DmaStatus.Ok)
        {
            _next = link;
        }

        first = _next ?? Eepro100FrameDescriptor.NoBuffer;
        return _next is not null;
    }

    /// <summary>Stores the rest of a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="start">Bytes that are stored already.</param>
    /// <param name="first">Where it begins.</param>
    /// <param name="isAll">False if there was no room for all of it.</param>
    /// <returns>If it is not Ok, nothing has changed here.</returns>
    public DmaStatus Store(in Eepro100ReceivedFrame frame, int start, uint first, out bool isAll)
    {
        isAll = false;
        uint? next = first;
        var at = first;
        for (var i = 0; i < BuffersPerFrame && next is { } offset && !isAll; i++)
        {
            Eepro100ReceiveBuffer buffer = default;
            at = offset;
            var status = function.Dma.Read(At(offset), MemoryMarshal.AsBytes(new Span<Eepro100ReceiveBuffer>(ref buffer)));
            var count = Math.Min(buffer.Length, frame.Length - start);
            status = status != DmaStatus.Ok || count == 0 ? status : frame.Write(function.Dma, buffer.Address, start, count);
            start += count;
            isAll = start == frame.Length;
            next = buffer.IsLast ? null : buffer.Link;
            var isEnd = isAll || next is null || i == BuffersPerFrame - 1;
            var word = count | Eepro100ReceiveBuffer.CountIsValid | (isEnd ? Eepro100ReceiveBuffer.EndOfFrame : 0);
            status = status != DmaStatus.Ok ? status : function.Dma.Store(At(offset) + CountOffset, (ushort)word);
            if (status != DmaStatus.Ok)
            {
                return status;
            }
        }

        (_next, _last) = (next, at);
        return DmaStatus.Ok;
    }

    private ulong At(uint offset) => Volatile.Read(ref _base) + offset;
}
