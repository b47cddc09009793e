namespace Emulator.Host.Loading;

/// <summary>Reads the files a machine starts from.</summary>
internal static class ImageFile
{
    private const long Largest = 1L << 30;

    /// <summary>The whole of a file, or why it cannot be had.</summary>
    /// <param name="path">Any text.</param>
    public static Result<byte[]> Read(string path)
    {
        if (Directory.Exists(path))
        {
            return new Failure("is a directory, not a file");
        }

        try
        {
            var length = new FileInfo(path).Length;
            if (length is 0 or > Largest)
            {
                return new Failure(length == 0 ? "the file is empty" : "the file is larger than 1G");
            }

            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Failure("no such file");
        }
        catch (UnauthorizedAccessException)
        {
            return new Failure("no permission to read the file");
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return new Failure($"cannot read the file: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
