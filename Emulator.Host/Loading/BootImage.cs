using System.Collections.Immutable;
using Emulator.Cpu;

namespace Emulator.Host.Loading;

/// <summary>What a loader wants in memory and in the first vCPU before it runs; put there again at each reset.</summary>
/// <param name="Pieces">What to write, in order.</param>
/// <param name="Entry">The vCPU's state.</param>
internal sealed record BootImage(ImmutableArray<BootPiece> Pieces, VcpuState Entry);

/// <summary>Bytes to put into memory, and zeros behind them.</summary>
/// <param name="Address">Guest-physical; RAM for the whole length, which the loader has checked.</param>
/// <param name="Data">The bytes.</param>
/// <param name="MemorySize">Bytes in all, at least the data's length; the rest is zero.</param>
internal readonly record struct BootPiece(ulong Address, ReadOnlyMemory<byte> Data, ulong MemorySize);
