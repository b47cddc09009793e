using System.Runtime.CompilerServices;
using Emulator.Devices;

namespace Emulator.Fuzz;

/// <summary>A register of a device's table, without the device's type.</summary>
/// <param name="Name">What the data sheet calls it, with a number where there are several.</param>
/// <param name="Offset">Bytes from the start of the window.</param>
/// <param name="Size">1, 2, 4 or 8 bytes.</param>
/// <param name="Reset">The value after a reset.</param>
/// <param name="Writable">The bits that keep what is written.</param>
/// <param name="ClearedByOne">The bits that a written 1 clears.</param>
/// <param name="ClearedByReading">The bits that are cleared once they have been read.</param>
/// <param name="IsLive">True if its value or effect is the device's to say.</param>
public readonly record struct RegisterRow(
    string Name, int Offset, int Size, ulong Reset, ulong Writable, ulong ClearedByOne, ulong ClearedByReading, bool IsLive);

/// <summary>A window of registers: a BAR, and the table of what is behind it.</summary>
/// <param name="Bar">The base address register's number.</param>
/// <param name="Length">Bytes of the BAR that the table describes.</param>
/// <param name="Rows">The registers.</param>
/// <param name="Widest">The widest access that makes sense.</param>
public sealed record RegisterWindow(int Bar, int Length, IReadOnlyList<RegisterRow> Rows, int Widest)
{
    /// <summary>The window of a device's table.</summary>
    /// <typeparam name="TRegister">The device's enumeration of offsets.</typeparam>
    /// <param name="bar">The base address register's number.</param>
    /// <param name="length">Bytes of the BAR that the table describes.</param>
    /// <param name="table">The table.</param>
    /// <param name="widest">The widest access that makes sense: 4 for ports.</param>
    public static RegisterWindow Of<TRegister>(int bar, int length, ReadOnlySpan<RegisterSpec<TRegister>> table, int widest = 8)
        where TRegister : unmanaged, Enum
    {
        var rows = new List<RegisterRow>();
        foreach (var spec in table)
        {
            for (var i = 0; i < spec.Count; i++)
            {
                var name = spec.Count == 1 ? $"{spec.Register}" : $"{spec.Register}+{i}";
                var offset = Unsafe.BitCast<TRegister, ushort>(spec.Register) + (i * spec.Size);
                rows.Add(new RegisterRow(name, offset, spec.Size, spec.Reset, spec.Writable, spec.ClearedByOne, spec.ClearedByReading, spec.IsLive));
            }
        }

        return new RegisterWindow(bar, length, rows, widest);
    }
}
