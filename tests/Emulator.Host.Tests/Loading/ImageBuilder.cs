using System.Buffers.Binary;
using Emulator.Host.Loading;

namespace Emulator.Host.Tests.Loading;

/// <summary>Makes images by hand.</summary>
internal static class ImageBuilder
{
    public const int CodeOffset = 0x1000;

    public readonly record struct Piece(ulong Address, byte[] Data, ulong MemorySize, ulong? VirtualAddress = null);

    /// <summary>A Multiboot header of 32 bytes.</summary>
    public static byte[] Header(uint flags = 3, uint header = 0, uint load = 0, uint loadEnd = 0, uint bssEnd = 0, uint entry = 0)
    {
        var bytes = new byte[32];
        Put32(bytes, 0, MultibootHeader.Magic);
        Put32(bytes, 4, flags);
        Put32(bytes, 8, unchecked(0u - MultibootHeader.Magic - flags));
        Put32(bytes, 12, header);
        Put32(bytes, 16, load);
        Put32(bytes, 20, loadEnd);
        Put32(bytes, 24, bssEnd);
        Put32(bytes, 28, entry);
        return bytes;
    }

    /// <summary>A Multiboot ELF32 of one segment at 1 MiB: the header, then code.</summary>
    public static byte[] Multiboot(params byte[] code) =>
        Elf(is64: false, machine: 3, entry: 0x100020, new Piece(0x100000, [.. Header(), .. code], 0x4000));

    public static byte[] Elf(bool is64, ushort machine, ulong entry, params Piece[] segments)
    {
        var headerSize = is64 ? 64 : 52;
        var entrySize = is64 ? 56 : 32;
        var size = CodeOffset + segments.Sum(s => s.Data.Length);
        var file = new byte[size];
        "\x7f"u8.CopyTo(file);
        "ELF"u8.CopyTo(file.AsSpan(1));
        file[4] = (byte)(is64 ? 2 : 1);
        file[5] = 1;
        file[6] = 1;
        Put16(file, 16, 2);
        Put16(file, 18, machine);
        if (is64)
        {
            Put64(file, 24, entry);
            Put64(file, 32, 64);
        }
        else
        {
            Put32(file, 24, (uint)entry);
            Put32(file, 28, 52);
        }

        Put16(file, is64 ? 54 : 42, (ushort)entrySize);
        Put16(file, is64 ? 56 : 44, (ushort)segments.Length);
        var offset = CodeOffset;
        for (var i = 0; i < segments.Length; i++)
        {
            var (address, data, memorySize, virtualAddress) = segments[i];
            var at = headerSize + (i * entrySize);
            Put32(file, at, 1);
            if (is64)
            {
                Put32(file, at + 4, 7);
                Put64(file, at + 8, (ulong)offset);
                Put64(file, at + 16, virtualAddress ?? address);
                Put64(file, at + 24, address);
                Put64(file, at + 32, (ulong)data.Length);
                Put64(file, at + 40, memorySize);
            }
            else
            {
                Put32(file, at + 4, (uint)offset);
                Put32(file, at + 8, (uint)(virtualAddress ?? address));
                Put32(file, at + 12, (uint)address);
                Put32(file, at + 16, (uint)data.Length);
                Put32(file, at + 20, (uint)memorySize);
                Put32(file, at + 24, 7);
            }

            data.CopyTo(file, offset);
            offset += data.Length;
        }

        return file;
    }

    public static void Put16(byte[] data, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(offset), value);

    public static void Put32(byte[] data, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(offset), value);

    public static void Put64(byte[] data, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(offset), value);
}
