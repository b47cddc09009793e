using Emulator.Fuzz;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Holds a window of registers against its table: each offset, size and alignment, with random values.</summary>
/// <remarks>Live registers are read and not compared, and nothing is written where one of them would be reached.</remarks>
internal sealed class RegisterSweep
{
    private const int Rounds = 20;

    private readonly Lane[] _model;
    private readonly RegisterWindow _window;
    private readonly ReadAccess _read;
    private readonly WriteAccess _write;
    private readonly Random _random;
    private readonly string _seed;

    private RegisterSweep(RegisterWindow window, ReadAccess read, WriteAccess write)
    {
        (_window, _read, _write) = (window, read, write);
        var seed = Random.Shared.Next();
        (_random, _seed) = (new Random(seed), $"seed {seed}");

        // Past the end of the window there is nothing, up to what an access at its last byte reaches.
        _model = new Lane[window.Length + window.Widest];
        foreach (var row in window.Rows)
        {
            for (var i = 0; i < row.Size; i++)
            {
                var shift = i * 8;
                _model[row.Offset + i] = new Lane(
                    true, row.IsLive, (byte)(row.Reset >> shift), (byte)(row.Writable >> shift), (byte)(row.ClearedByOne >> shift), (byte)(row.ClearedByReading >> shift));
            }
        }
    }

    public delegate BusStatus ReadAccess(ulong offset, int size, out ulong value);

    public delegate BusStatus WriteAccess(ulong offset, int size, ulong value);

    /// <summary>Sweeps a window.</summary>
    /// <param name="window">Its table.</param>
    /// <param name="read">Reads, any alignment.</param>
    /// <param name="write">Writes, any alignment.</param>
    /// <param name="reset">Resets the device.</param>
    /// <param name="isWhole">True if the last byte of the table is that of the BAR, so that accesses across it are to be made.</param>
    public static void Check(RegisterWindow window, ReadAccess read, WriteAccess write, Action reset, bool isWhole = true)
    {
        var sweep = new RegisterSweep(window, read, write);
        reset();
        sweep.CheckReset("when it was made");
        reset();
        for (var round = 0; round < Rounds; round++)
        {
            sweep.Round(isWhole);
            reset();
        }

        sweep.CheckReset("after a reset");
    }

    /// <summary>Sweeps the window of a table of a device's own registers.</summary>
    /// <param name="table">The device's table.</param>
    /// <param name="length">Bytes in the window.</param>
    /// <param name="read">Reads, any alignment.</param>
    /// <param name="write">Writes, any alignment.</param>
    /// <param name="reset">Resets the device.</param>
    /// <param name="widest">The widest access to make.</param>
    public static void Check<TRegister>(IEnumerable<RegisterSpec<TRegister>> table, int length, ReadAccess read, WriteAccess write, Action reset, int widest = 8)
        where TRegister : unmanaged, Enum =>
        Check(RegisterWindow.Of<TRegister>(0, length, [.. table], widest), read, write, reset, isWhole: false);

    private void Round(bool isWhole)
    {
        var bytes = Array.ConvertAll(_model, static lane => lane.Reset);
        for (var offset = 0; offset < _window.Length; offset++)
        {
            for (var size = 1; size <= _window.Widest && (isWhole || offset + size <= _window.Length); size *= 2)
            {
                var lanes = _model.AsSpan(offset, size);
                var value = _random.NextInt64();
                if (!IsAnyLive(lanes))
                {
                    _write((ulong)offset, size, (ulong)value);
                    for (var i = 0; i < size; i++)
                    {
                        bytes[offset + i] = lanes[i].Written(bytes[offset + i], (byte)(value >> (i * 8)));
                    }
                }

                Compare(offset, size, bytes);
            }
        }
    }

    private void Compare(int offset, int size, byte[] bytes)
    {
        _read((ulong)offset, size, out var value);
        for (var i = 0; i < size; i++)
        {
            ref readonly var lane = ref _model[offset + i];
            var expected = lane.Exists ? bytes[offset + i] : (byte)0xFF;
            Assert.True(
                lane.IsLive || (byte)(value >> (i * 8)) == expected,
                $"byte {i} of {size} at {offset:X}, {NameAt(offset + i)}, {_seed}: {value:X}, expected {expected:X} in it");
            bytes[offset + i] &= (byte)~lane.ClearedByReading;
        }
    }

    private void CheckReset(string when)
    {
        for (var offset = 0; offset < _window.Length; offset++)
        {
            ref readonly var lane = ref _model[offset];
            _read((ulong)offset, 1, out var value);
            var expected = lane.Exists ? lane.Reset : (byte)0xFF;
            Assert.True(lane.IsLive || (byte)value == expected, $"{offset:X}, {NameAt(offset)}, {when}, {_seed}: {value:X}, expected {expected:X}");
        }
    }

    private string NameAt(int offset) =>
        _window.Rows.FirstOrDefault(row => row.Offset <= offset && offset < row.Offset + row.Size) is { Size: > 0 } row ? row.Name : "reserved";

    private static bool IsAnyLive(ReadOnlySpan<Lane> lanes)
    {
        foreach (var lane in lanes)
        {
            if (lane.IsLive)
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
