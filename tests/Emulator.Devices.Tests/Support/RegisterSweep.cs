using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Holds a device's registers against its table: each offset, size and alignment, with random values.</summary>
/// <remarks>Live registers are read and not compared, and nothing is written where one of them would be reached.</remarks>
internal static class RegisterSweep
{
    private const int Rounds = 20;

    public delegate BusStatus ReadAccess(ulong offset, int size, out ulong value);

    public delegate BusStatus WriteAccess(ulong offset, int size, ulong value);

    /// <summary>Sweeps a window.</summary>
    /// <param name="table">The device's table, counts expanded or not.</param>
    /// <param name="length">Bytes in the window.</param>
    /// <param name="read">Reads, any alignment.</param>
    /// <param name="write">Writes, any alignment.</param>
    /// <param name="reset">Resets the device.</param>
    /// <param name="widest">The widest access to make.</param>
    public static void Check<TRegister>(
        IEnumerable<RegisterSpec<TRegister>> table, int length, ReadAccess read, WriteAccess write, Action reset, int widest = 8)
        where TRegister : unmanaged, Enum
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var model = new Lane[length];
        foreach (var spec in table)
        {
            for (var i = 0; i < spec.Size * spec.Count; i++)
            {
                var shift = i % spec.Size * 8;
                model[Unsafe.BitCast<TRegister, ushort>(spec.Register) + i] = new Lane(
                    true, spec.IsLive, (byte)(spec.Reset >> shift), (byte)(spec.Writable >> shift), (byte)(spec.ClearedByOne >> shift), (byte)(spec.ClearedByReading >> shift));
            }
        }

        reset();
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Array.ConvertAll(model, lane => lane.Reset);
            for (var offset = 0; offset < length; offset++)
            {
                for (var size = 1; size <= widest && offset + size <= length; size *= 2)
                {
                    var lanes = model.AsSpan(offset, size);
                    var value = random.NextInt64();
                    if (!Any(lanes, lane => lane.IsLive))
                    {
                        write((ulong)offset, size, (ulong)value);
                        for (var i = 0; i < size; i++)
                        {
                            bytes[offset + i] = lanes[i].Written(bytes[offset + i], (byte)(value >> (i * 8)));
                        }
                    }

                    Compare($"{offset:X}, {size} bytes, seed {seed}", (ulong)offset, size, lanes, bytes, read);
                }
            }

            reset();
        }

        for (var offset = 0; offset < length; offset++)
        {
            read((ulong)offset, 1, out var value);
            Assert.True((byte)value == (model[offset].Exists ? model[offset].Reset : 0xFF), $"{offset:X} after a reset: {value:X}");
        }
    }

    private static void Compare(string where, ulong offset, int size, ReadOnlySpan<Lane> lanes, byte[] bytes, ReadAccess read)
    {
        read(offset, size, out var value);
        for (var i = 0; i < size; i++)
        {
            var at = (int)offset + i;
            var expected = lanes[i].Exists ? bytes[at] : (byte)0xFF;
            Assert.True(lanes[i].IsLive || (byte)(value >> (i * 8)) == expected, $"byte {i} at {where}: {value:X}, expected {expected:X}");
            bytes[at] &= (byte)~lanes[i].ClearedByReading;
        }
    }

    private static bool Any(ReadOnlySpan<Lane> lanes, Predicate<Lane> predicate)
    {
        foreach (var lane in lanes)
        {
            if (predicate(lane))
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Lane(bool Exists, bool IsLive, byte Reset, byte Writable, byte ClearedByOne, byte ClearedByReading)
    {
        public byte Written(byte before, byte value) => (byte)(((before & ~Writable) | (value & Writable)) & ~(value & ClearedByOne));
    }
}
