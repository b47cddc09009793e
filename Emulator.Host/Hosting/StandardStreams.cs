using System.Text;
using Emulator.Host.Console;

namespace Emulator.Host.Hosting;

/// <summary>
/// The process's own output and error as writers. <see cref="System.Console"/> is not used: it changes the
/// terminal's settings and writes escape sequences of its own into the guest's output.
/// </summary>
internal static class StandardStreams
{
    /// <summary>Standard output, written through at once.</summary>
    public static TextWriter OpenOutput() => Open(Posix.StandardOutput);

    /// <summary>Standard error, written through at once; lines from several threads do not mix.</summary>
    public static TextWriter OpenError() => TextWriter.Synchronized(Open(Posix.StandardError));

    private static StreamWriter Open(int descriptor) =>
        new(new DescriptorStream(descriptor), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };

    /// <summary>
    /// Appends to an open file by write(2), so that two descriptors of one file share its position. What cannot be
    /// written is lost: there is nobody left to tell.
    /// </summary>
    private sealed class DescriptorStream(int descriptor) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => _ = Posix.WriteAll(descriptor, buffer);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
