using System.Runtime.CompilerServices;

namespace Emulator.Devices;

/// <summary>What the I/O thread has counted since it last added it to the statistics registers (8254x manual, 13.7).</summary>
/// <remarks>Counting takes no lock; adding is done under the device's, once for many packets.</remarks>
internal sealed class E1000Statistics
{
    private const int First = (int)E1000Register.CrcErrors;
    private const int FcsSize = 4;

    private static readonly RegisterSpec<E1000Register>[] s_registers = Expand();

    private readonly ulong[] _counts = new ulong[((int)E1000Register.SegmentationFailures - First) / 4 + 1];

    /// <summary>Counts an event.</summary>
    public void Count(E1000Register statistic) => Cell(statistic)++;

    /// <summary>Counts a packet that was put on the wire.</summary>
    /// <param name="frame">Without its frame check sequence, which is counted.</param>
    public void CountTransmitted(ReadOnlySpan<byte> frame)
    {
        var octets = (uint)(frame.Length + FcsSize);
        Cell(E1000Register.TotalPacketsTransmitted)++;
        Cell(E1000Register.GoodPacketsTransmitted)++;
        Cell(E1000Register.TotalOctetsTransmitted) += octets;
        Cell(E1000Register.GoodOctetsTransmitted) += octets;
        CountKinds(frame, octets, E1000Register.PacketsTransmitted64, E1000Register.BroadcastsTransmitted, E1000Register.MulticastsTransmitted);
    }

    /// <summary>Counts a good packet that passed the filters.</summary>
    /// <param name="frame">Without its frame check sequence, which is counted.</param>
    public void CountGood(ReadOnlySpan<byte> frame)
    {
        var octets = (uint)(frame.Length + FcsSize);
        Cell(E1000Register.GoodPacketsReceived)++;
        Cell(E1000Register.GoodOctetsReceived) += octets;
        CountKinds(frame, octets, E1000Register.PacketsReceived64, E1000Register.BroadcastsReceived, E1000Register.MulticastsReceived);
    }

    /// <summary>Counts a packet that was on the wire, whatever becomes of it.</summary>
    /// <param name="length">Bytes without its frame check sequence.</param>
    public void CountReceived(int length)
    {
        Cell(E1000Register.TotalPacketsReceived)++;
        Cell(E1000Register.TotalOctetsReceived) += (uint)(length + FcsSize);
    }

    /// <summary>Adds what was counted to the registers, which stick at their highest value. Under the device's lock.</summary>
    public void AddTo(RegisterFile<E1000Register> registers)
    {
        foreach (var spec in s_registers)
        {
            ref var count = ref Cell(spec.Register);
            if (count != 0)
            {
                var most = ulong.MaxValue >> (64 - (spec.Size * 8));
                var before = registers[spec.Register];
                registers[spec.Register] = count > most - before ? most : before + count;
                count = 0;
            }
        }
    }

    /// <summary>Forgets what was counted.</summary>
    public void Clear() => Array.Clear(_counts);

    private void CountKinds(ReadOnlySpan<byte> frame, uint octets, E1000Register sizes, E1000Register broadcasts, E1000Register multicasts)
    {
        var size = octets <= 64 ? 0 : octets <= 127 ? 1 : octets <= 255 ? 2 : octets <= 511 ? 3 : octets <= 1023 ? 4 : 5;
        Cell(sizes.At(size))++;
        if ((frame[0] & 1) != 0)
        {
            Cell(E1000Filter.IsBroadcast(frame) ? broadcasts : multicasts)++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref ulong Cell(E1000Register statistic) => ref _counts[((int)statistic - First) / 4];

    private static RegisterSpec<E1000Register>[] Expand()
    {
        var rows = new List<RegisterSpec<E1000Register>>();
        foreach (var row in E1000Registers.Table)
        {
            for (var i = 0; row.ClearedByReading != 0 && i < row.Count; i++)
            {
                rows.Add(row with { Register = row.Register.At(i, row.Size), Count = 1 });
            }
        }

        return [.. rows];
    }
}
