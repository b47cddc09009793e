using System.Numerics;

namespace Emulator.Host.Loading;

/// <summary>A function's <c>romfile=</c>: what its expansion ROM holds (PCI 2.2, 6.3).</summary>
internal static class ExpansionRom
{
    private const int Largest = 16 << 20;
    private const int Smallest = 4096;

    /// <summary>Reads one, filled up with ones to the size of its window.</summary>
    /// <param name="path">The file.</param>
    public static Result<byte[]> Read(string path)
    {
        if (!ImageFile.Read(path).Get(out var image, out var error))
        {
            return new Failure(error);
        }

        if (image is not [0x55, 0xAA, ..])
        {
            return new Failure("is no expansion ROM: it does not begin with the bytes 55 AA");
        }

        if (image.Length > Largest)
        {
            return new Failure($"{image.Length >> 20}M are too much for an expansion ROM; the window has up to 16M");
        }

        var rom = new byte[Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)image.Length))];
        rom.AsSpan(image.Length).Fill(0xFF);
        image.CopyTo(rom, 0);
        return rom;
    }
}
