namespace Emulator.Host.Console;

/// <summary>A file that takes what the guest sends.</summary>
internal sealed class FileChannel(FileStream file) : Channel
{
    public override void Write(ReadOnlySpan<byte> data)
    {
        try
        {
            file.Write(data);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A full disk loses the log, not the guest.
        }
    }

    protected override void Close() => file.Dispose();
}
