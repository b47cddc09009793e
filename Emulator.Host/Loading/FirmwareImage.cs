namespace Emulator.Host.Loading;

/// <summary>A raw image for <c>-bios</c>.</summary>
internal static class FirmwareImage
{
    /// <summary>A firmware image is a multiple of this long.</summary>
    public const int Granularity = 64 << 10;

    /// <summary>How much of its end is also seen below 1 MiB.</summary>
    public const int ShadowSize = 128 << 10;

    private const int Largest = 16 << 20;

    /// <summary>Null if the file can stand below 4 GiB, else what is wrong with it.</summary>
    public static string? Check(ReadOnlySpan<byte> file) =>
        file.Length % Granularity != 0
            ? $"{file.Length} bytes are not a firmware image: its size is a multiple of 64K"
            : file.Length > Largest
            ? $"{file.Length >> 20}M are too much for a firmware image; 16M fit below 4G"
            : null;
}
