using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Emulator.Host.Disks.Nbd;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>A request as a server sees it.</summary>
internal sealed record ServerRequest(NbdCommand Command, ushort Flags, ulong Cookie, long Offset, int Length, byte[] Payload);

/// <summary>A server's end of a connection, with the words of the protocol; what it says wrong is the test's.</summary>
internal sealed class ServerEnd(Socket socket) : IDisposable
{
    public const ushort AllFlags = (ushort)(NbdExportFlags.HasFlags | NbdExportFlags.Flush | NbdExportFlags.ForceUnitAccess | NbdExportFlags.Trim | NbdExportFlags.WriteZeroes);

    private readonly List<byte> _reply = [];
    private readonly byte[] _request = new byte[64 << 10];
    private readonly byte[] _acknowledgement = new byte[NbdProtocol.ReplySize];

    /// <summary>The name that the client asked for.</summary>
    public string Export { get; private set; } = "";

    public void Dispose() => socket.Dispose();

    /// <summary>Negotiates as a server should.</summary>
    public ServerEnd Negotiate(long size, ushort flags = AllFlags, uint minimum = 1, uint maximum = 1 << 25)
    {
        Greet();
        Assert.Equal(NbdOption.Go, ReadOption(out var data));
        Export = Encoding.UTF8.GetString(data, 4, BinaryPrimitives.ReadInt32BigEndian(data));
        AnswerInfo(size, flags);
        Answer(NbdOption.Go, NbdOptionReply.Info, U16((ushort)NbdInfo.BlockSize), U32(minimum), U32(4096), U32(maximum));
        Answer(NbdOption.Go, NbdOptionReply.Acknowledged);
        return this;
    }

    public void Greet(ushort flags = NbdProtocol.FixedNewstyle | NbdProtocol.NoZeroes)
    {
        Send(U64(NbdProtocol.ServerMagic), U64(NbdProtocol.OptionMagic), U16(flags));
        Assert.Equal(flags, BinaryPrimitives.ReadUInt32BigEndian(Read(4)));
    }

    public NbdOption ReadOption(out byte[] data)
    {
        Assert.Equal(NbdProtocol.OptionMagic, BinaryPrimitives.ReadUInt64BigEndian(Read(8)));
        var option = (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(Read(4));
        data = Read(BinaryPrimitives.ReadInt32BigEndian(Read(4)));
        return option;
    }

    public void Answer(NbdOption option, NbdOptionReply type, params byte[][] body) =>
        Send([U64(NbdProtocol.OptionReplyMagic), U32((uint)option), U32((uint)type), U32((uint)body.Sum(part => part.Length)), .. body]);

    public void AnswerInfo(long size, ushort flags) => Answer(NbdOption.Go, NbdOptionReply.Info, U16((ushort)NbdInfo.Export), U64((ulong)size), U16(flags));

    /// <summary>True if there is something to read.</summary>
    public bool HasRequest => socket.Available > 0;

    /// <summary>The next request, or null if the client has gone.</summary>
    public ServerRequest? TryReadRequest()
    {
        if (!TryRead(NbdProtocol.RequestSize, out var header))
        {
            return null;
        }

        Assert.Equal(NbdProtocol.RequestMagic, BinaryPrimitives.ReadUInt32BigEndian(header));
        var command = (NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(6));
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(24));
        byte[] payload = [];
        return command == NbdCommand.Write && !TryRead(length, out payload)
            ? null
            : new ServerRequest(
                command,
                BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(4)),
                BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(8)),
                BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(16)),
                length,
                payload);
    }

    /// <summary>The next request, which must come.</summary>
    public ServerRequest ReadRequest()
    {
        var request = TryReadRequest();
        Assert.NotNull(request);
        return request;
    }

    public void Reply(ServerRequest request, params byte[][] data) => Send([U32(NbdProtocol.ReplyMagic), U32(0), U64(request.Cookie), .. data]);

    public void ReplyError(ServerRequest request, NbdError error) => Send(U32(NbdProtocol.ReplyMagic), U32((uint)error), U64(request.Cookie));

    /// <summary>Takes a write and says that it is done, without allocating.</summary>
    public void Acknowledge(int payload)
    {
        for (var done = 0; done < NbdProtocol.RequestSize + payload;)
        {
            done += socket.Receive(_request.AsSpan(done, NbdProtocol.RequestSize + payload - done));
        }

        BinaryPrimitives.WriteUInt32BigEndian(_acknowledgement, NbdProtocol.ReplyMagic);
        _request.AsSpan(8, 8).CopyTo(_acknowledgement.AsSpan(8));
        socket.Send(_acknowledgement);
    }

    public void Send(params byte[][] parts)
    {
        _reply.Clear();
        _reply.AddRange(parts.SelectMany(part => part));
        try
        {
            socket.Send([.. _reply]);
        }
        catch (SocketException)
        {
            // The client has gone.
        }
    }

    public byte[] Read(int count)
    {
        Assert.True(TryRead(count, out var bytes), "the client has gone");
        return bytes;
    }

    public static byte[] U16(ushort value) => [(byte)(value >> 8), (byte)value];

    public static byte[] U32(uint value) => [.. U16((ushort)(value >> 16)), .. U16((ushort)value)];

    public static byte[] U64(ulong value) => [.. U32((uint)(value >> 32)), .. U32((uint)value)];

    private bool TryRead(int count, out byte[] bytes)
    {
        bytes = new byte[count];
        try
        {
            socket.ReceiveTimeout = 30_000;
            for (var done = 0; done < count;)
            {
                var read = socket.Receive(bytes.AsSpan(done));
                if (read == 0)
                {
                    return false;
                }

                done += read;
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
