using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Emulator.Memory;

/// <summary>A fence, by what it keeps in order: earlier accesses of the first kind before later ones of the second.</summary>
public enum DmaFence : byte
{
    /// <summary>Nothing stands there.</summary>
    None,

    /// <summary>Earlier stores before later stores.</summary>
    StoreStore,

    /// <summary>Earlier loads before later loads.</summary>
    LoadLoad,

    /// <summary>Earlier loads before later stores.</summary>
    LoadStore,

    /// <summary>Everything earlier before later stores: what a publishing store brings along.</summary>
    Release,

    /// <summary>Everything earlier before everything later, stores before loads included.</summary>
    Full,
}

/// <summary>The fences, and what each is on the processors this program runs on.</summary>
/// <remarks>
/// x86-64 is TSO: a load may overtake an earlier store and nothing else may overtake anything. Every fence but the full
/// one therefore only has to hold the compiler. (Rows of stores by one string instruction, as in a long copy, may be
/// seen out of order among themselves but not after a later store.) Arm orders nothing by itself.
/// </remarks>
internal static class Fences
{
    // The runtime's acquire barrier: x64 no instruction, arm64 DMB ISHLD (loads before loads and stores).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadLoad() => Volatile.ReadBarrier();

    // Also the acquire barrier: DMB ISHLD is the cheapest that keeps a load before a store.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadStore() => Volatile.ReadBarrier();

    // The runtime's release barrier: x64 no instruction, on arm64 a DMB that covers stores before stores.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreStore() => Volatile.WriteBarrier();

    // Both: the two barriers together are right whether the write barrier covers earlier loads or not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Release()
    {
        Volatile.ReadBarrier();
        Volatile.WriteBarrier();
    }

    // Stores before loads is what only this one gives: x64 LOCK OR on the stack, arm64 DMB ISH.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreLoad() => Interlocked.MemoryBarrier();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Full() => Interlocked.MemoryBarrier();

    // At the end of a register read, before whatever its reader does next. x64: stores are seen in order and loads are
    // done in order, so who has seen the register sees the data; only the compiler is held. Arm: nothing is in order, and
    // the reader may go on to store (a doorbell, an end of interrupt) what must not be seen before this read: DMB ISH.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCompletion()
    {
        if (X86Base.IsSupported)
        {
            Release();
        }
        else
        {
            Full();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Issue(DmaFence fence)
    {
        if (fence == DmaFence.Full)
        {
            Full();
        }
        else if (X86Base.IsSupported)
        {
            // Known when this is compiled. Holding the compiler back costs nothing, so which fence it is need not be tested.
            Release();
        }
        else
        {
            IssueOneWay(fence);
        }
    }

    private static void IssueOneWay(DmaFence fence)
    {
        switch (fence)
        {
            case DmaFence.StoreStore:
                StoreStore();
                break;
            case DmaFence.LoadLoad:
                LoadLoad();
                break;
            case DmaFence.LoadStore:
                LoadStore();
                break;
            case DmaFence.Release:
                Release();
                break;
            default:
                break;
        }
    }
}
