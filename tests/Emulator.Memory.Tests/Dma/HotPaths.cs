using System.Runtime.CompilerServices;

namespace Emulator.Memory.Tests.Dma;

/// <summary>The accesses as a device has them in its loops, each by itself so that its code can be looked at.</summary>
internal static class HotPaths
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static DmaStatus StoreDword(DmaContext dma, ulong address, uint value) => dma.Store(address, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static DmaStatus LoadDword(DmaContext dma, ulong address, out uint value) => dma.Load(address, out value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static DmaStatus PublishByte(DmaContext dma, ulong address, byte value) => dma.Publish(address, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static DmaStatus StoreRelaxed(DmaContext dma, ulong address, ulong value) => dma.StoreRelaxed(address, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static DmaStatus WriteBytes(DmaContext dma, ulong address, ReadOnlySpan<byte> data) => dma.Write(address, data);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static DmaStatus ReadBytes(DmaContext dma, ulong address, Span<byte> data) => dma.Read(address, data);
}
