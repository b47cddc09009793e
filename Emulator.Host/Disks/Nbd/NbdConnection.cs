using System.Buffers.Binary;
using System.Net.Sockets;

namespace Emulator.Host.Disks.Nbd;

/// <summary>A connection: bytes in and out, each direction a thread's own. Nothing here throws; what fails once fails for ever.</summary>
internal sealed class NbdConnection : IDisposable
{
    private const int BufferSize = 256 << 10;

    // Linux's tcp(7): milliseconds for which what was sent may remain unacknowledged.
    private const int TcpUserTimeout = 18;

    // What is larger goes to the socket from where it is.
    private const int LargestCopied = 32 << 10;

    private readonly Socket _socket;
    private readonly byte[] _in = new byte[BufferSize];
    private readonly byte[] _out = new byte[BufferSize];
    private int _inStart;
    private int _inEnd;
    private int _outEnd;
    private string? _why;

    /// <summary>Takes a socket over.</summary>
    /// <param name="socket">Is connected.</param>
    public NbdConnection(Socket socket)
    {
        _socket = socket;
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            // A server whose machine is gone says nothing: after a minute the connection ends, whether something was sent or not.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, BitConverter.GetBytes(60_000));
            }
        }
    }

    /// <summary>Why nothing goes any more, or null. Any thread.</summary>
    public string? Why => Volatile.Read(ref _why);

    /// <summary>How long the other side may be silent where it must answer; zero for ever.</summary>
    public void SetPatience(TimeSpan patience)
    {
        try
        {
            _socket.SendTimeout = _socket.ReceiveTimeout = (int)patience.TotalMilliseconds;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Fail(e.Message);
        }
    }

    /// <summary>Fills a buffer.</summary>
    /// <returns>False if the connection has ended before that.</returns>
    public bool TryRead(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_inStart < _inEnd)
            {
                var count = Math.Min(buffer.Length, _inEnd - _inStart);
                _in.AsSpan(_inStart, count).CopyTo(buffer);
                _inStart += count;
                buffer = buffer[count..];
            }
            else if (buffer.Length >= LargestCopied)
            {
                if (!TryReceive(buffer, out var count))
                {
                    return false;
                }

                buffer = buffer[count..];
            }
            else if (TryReceive(_in, out var count))
            {
                (_inStart, _inEnd) = (0, count);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads and forgets.</summary>
    public bool TrySkip(int count)
    {
        Span<byte> rest = stackalloc byte[128];
        for (; count > 0; count -= Math.Min(count, rest.Length))
        {
            if (!TryRead(rest[..Math.Min(count, rest.Length)]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Sends, perhaps only with the next <see cref="TrySend"/>.</summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _out.Length - _outEnd && !TrySend())
        {
            return false;
        }

        if (bytes.Length > LargestCopied)
        {
            return TrySend() && TrySendAll(bytes);
        }

        bytes.CopyTo(_out.AsSpan(_outEnd));
        _outEnd += bytes.Length;
        return true;
    }

    /// <summary>Sends a request, perhaps only with the next <see cref="TrySend"/>.</summary>
    public bool TryWrite(in NbdMessage message)
    {
        Span<byte> header = stackalloc byte[NbdProtocol.RequestSize];
        BinaryPrimitives.WriteUInt32BigEndian(header, NbdProtocol.RequestMagic);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], message.Flags);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)message.Command);
        BinaryPrimitives.WriteUInt64BigEndian(header[8..], message.Cookie);
        BinaryPrimitives.WriteUInt64BigEndian(header[16..], (ulong)message.Offset);
        BinaryPrimitives.WriteUInt32BigEndian(header[24..], (uint)message.Length);
        return TryWrite(header) && (message.Command != NbdCommand.Write || TryWrite(message.Payload.Span));
    }

    /// <summary>Sends what was written.</summary>
    public bool TrySend()
    {
        var count = _outEnd;
        _outEnd = 0;
        return TrySendAll(_out.AsSpan(0, count));
    }

    /// <summary>The next simple reply's header; what is read is behind it.</summary>
    public bool TryReadReply(out NbdError error, out ulong cookie)
    {
        Span<byte> header = stackalloc byte[NbdProtocol.ReplySize];
        (error, cookie) = (NbdError.None, 0);
        if (!TryRead(header))
        {
            return false;
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(header) != NbdProtocol.ReplyMagic)
        {
            return Fail("the server sent something that is no reply");
        }

        (error, cookie) = ((NbdError)BinaryPrimitives.ReadUInt32BigEndian(header[4..]), BinaryPrimitives.ReadUInt64BigEndian(header[8..]));
        return true;
    }

    /// <summary>Says why nothing is to go any more.</summary>
    /// <returns>False.</returns>
    public bool Fail(string why)
    {
        _ = Interlocked.CompareExchange(ref _why, why.ReplaceLineEndings(" "), null);
        return false;
    }

    /// <summary>Ends it; who waits for it in another thread is let go.</summary>
    public void Dispose()
    {
        Fail("the connection is closed");
        _socket.Dispose();
    }

    private bool TryReceive(Span<byte> buffer, out int count)
    {
        count = 0;
        try
        {
            return Why is null && ((count = _socket.Receive(buffer)) > 0 || Fail("the server has closed the connection"));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return Fail(IsImpatience(e) ? "the server does not answer" : e.Message);
        }
    }

    private bool TrySendAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (Why is null && bytes.Length > 0)
            {
                bytes = bytes[_socket.Send(bytes)..];
            }

            return Why is null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return Fail(IsImpatience(e) ? "the server takes nothing" : e.Message);
        }
    }

    private static bool IsImpatience(Exception e) =>
        e is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };
}

/// <summary>A request on its way.</summary>
/// <param name="Command">What is asked for.</param>
/// <param name="Flags">How.</param>
/// <param name="Cookie">Comes back in the reply.</param>
/// <param name="Offset">Bytes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Payload">What is written.</param>
internal readonly record struct NbdMessage(NbdCommand Command, ushort Flags, ulong Cookie, long Offset, int Length, ReadOnlyMemory<byte> Payload);
