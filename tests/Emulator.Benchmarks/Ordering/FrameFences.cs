using Emulator.Memory;

namespace Emulator.Benchmarks.Ordering;

/// <summary>Counts the bus's fences while a network adapter's rings go round.</summary>
internal sealed class FrameFences : IDmaObserver
{
    private const int Frames = 1000;
    private const ulong Ring = 0x1000;
    private const ulong Buffers = 0x10000;
    private const int DescriptorSize = 16;
    private const int StatusOffset = 12;

    private readonly byte[] _frame = new byte[1500];
    private readonly byte[] _descriptor = new byte[DescriptorSize];
    private int _accesses;
    private int _full;

    /// <summary>Accesses a frame, and full fences that the bus had before them.</summary>
    /// <param name="owner">A context with memory from 0 to 1 MiB; its ordering is what counts.</param>
    /// <param name="receive">True to receive: descriptor read, frame written, descriptor written, status handed over. False to transmit: descriptor read, frame read, status handed over.</param>
    public static (double Accesses, double Full) PerFrame(DmaContextOwner owner, bool receive)
    {
        var count = new FrameFences();
        owner.SetObserver(count);
        for (var i = 0; i < Frames; i++)
        {
            count.Move(owner.Context, (ulong)i % 64, receive);
        }

        owner.SetObserver(null);
        return ((double)count._accesses / Frames, (double)count._full / Frames);
    }

    public void Fence(DmaFence fence) => _full += fence == DmaFence.Full ? 1 : 0;

    public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status) => _accesses++;

    private void Move(DmaContext dma, ulong index, bool receive)
    {
        var descriptor = Ring + (index * DescriptorSize);
        dma.Read(descriptor, _descriptor);
        if (receive)
        {
            dma.Write(Buffers + (index * 2048), _frame);
            dma.Write(descriptor, _descriptor.AsSpan(0, StatusOffset));
        }
        else
        {
            dma.Read(Buffers + (index * 2048), _frame);
        }

        dma.Publish<byte>(descriptor + StatusOffset, 1);
    }
}
