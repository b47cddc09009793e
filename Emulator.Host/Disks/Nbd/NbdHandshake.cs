using System.Buffers.Binary;
using System.Text;

namespace Emulator.Host.Disks.Nbd;

/// <summary>The negotiation on a new connection.</summary>
/// <remarks>
/// Fixed newstyle, with <see cref="NbdOption.Go"/>, and <see cref="NbdOption.ExportName"/> for servers that do not know it.
/// No TLS, and no structured replies: all they would bring here is holes that need not be sent, and each reply would be a sequence of
/// chunks of the server's choice.
/// </remarks>
internal static class NbdHandshake
{
    // A server that knows more says more; one that does not stop is not waited for.
    private const int MostAnswers = 64;
    private const int LongestAnswer = 8192;

    /// <summary>Asks for an export.</summary>
    /// <param name="connection">A new one, with a limit to its patience.</param>
    /// <param name="name">The export's.</param>
    public static Result<NbdExport> Run(NbdConnection connection, string name)
    {
        Span<byte> greeting = stackalloc byte[18];
        if (!connection.TryRead(greeting[..16]))
        {
            return Lost(connection);
        }

        var magic = BinaryPrimitives.ReadUInt64BigEndian(greeting[8..]);
        if (BinaryPrimitives.ReadUInt64BigEndian(greeting) != NbdProtocol.ServerMagic || magic is not (NbdProtocol.OptionMagic or NbdProtocol.OldMagic))
        {
            return new Failure("what answers there is not an NBD server");
        }

        if (magic == NbdProtocol.OldMagic)
        {
            return new Failure("the server speaks the old protocol, without names of exports; give one that speaks the newstyle");
        }

        if (!connection.TryRead(greeting[..2]))
        {
            return Lost(connection);
        }

        var flags = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(greeting) & (NbdProtocol.FixedNewstyle | NbdProtocol.NoZeroes));
        BinaryPrimitives.WriteUInt32BigEndian(greeting, flags);
        return !connection.TryWrite(greeting[..4]) ? Lost(connection)
            : (flags & NbdProtocol.FixedNewstyle) != 0 ? Go(connection, name, flags)
            : NameExport(connection, name, flags);
    }

    private static Result<NbdExport> Go(NbdConnection connection, string name, ushort flags)
    {
        var data = new byte[4 + Encoding.UTF8.GetByteCount(name) + 4];
        BinaryPrimitives.WriteInt32BigEndian(data, data.Length - 8);
        _ = Encoding.UTF8.GetBytes(name, data.AsSpan(4));
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(data.Length - 4), 1);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(data.Length - 2), (ushort)NbdInfo.BlockSize);
        if (!Ask(connection, NbdOption.Go, data))
        {
            return Lost(connection);
        }

        (ulong Size, ushort Flags)? export = null;
        (uint Minimum, uint Maximum) blocks = (1, NbdProtocol.DefaultMaximumBlock);
        var answer = new byte[LongestAnswer];
        for (var count = 0; count < MostAnswers; count++)
        {
            if (!Answer(connection, NbdOption.Go, answer).Get(out var read, out var why))
            {
                return new Failure(why);
            }

            var body = answer.AsSpan(0, read.Length);
            switch (read.Type)
            {
                case NbdOptionReply.Acknowledged:
                    return export is null ? new Failure("the server does not say how large its export is")
                        : NbdExport.Create(export.Value.Size, export.Value.Flags, blocks.Minimum, blocks.Maximum);
                case NbdOptionReply.Info when body.Length == 12 && BinaryPrimitives.ReadUInt16BigEndian(body) == (ushort)NbdInfo.Export:
                    export = (BinaryPrimitives.ReadUInt64BigEndian(body[2..]), BinaryPrimitives.ReadUInt16BigEndian(body[10..]));
                    break;
                case NbdOptionReply.Info when body.Length == 14 && BinaryPrimitives.ReadUInt16BigEndian(body) == (ushort)NbdInfo.BlockSize:
                    blocks = (BinaryPrimitives.ReadUInt32BigEndian(body[2..]), BinaryPrimitives.ReadUInt32BigEndian(body[10..]));
                    break;
                case NbdOptionReply.Info:
                    break;
                case NbdOptionReply.Unsupported:
                    return NameExport(connection, name, flags);
                default:
                    return Refusal(read.Type, name, body);
            }
        }

        return new Failure("the server's answer does not end");
    }

    private static Result<NbdExport> NameExport(NbdConnection connection, string name, ushort flags)
    {
        Span<byte> answer = stackalloc byte[10];
        if (!Ask(connection, NbdOption.ExportName, Encoding.UTF8.GetBytes(name)))
        {
            return Lost(connection);
        }

        return !connection.TryRead(answer) ? new Failure($"{connection.Why}, perhaps as it has no export '{name}'")
            : (flags & NbdProtocol.NoZeroes) == 0 && !connection.TrySkip(NbdProtocol.ZeroesSize) ? Lost(connection)
            : NbdExport.Create(
                BinaryPrimitives.ReadUInt64BigEndian(answer), BinaryPrimitives.ReadUInt16BigEndian(answer[8..]), 1, NbdProtocol.DefaultMaximumBlock);
    }

    private static bool Ask(NbdConnection connection, NbdOption option, ReadOnlySpan<byte> data)
    {
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(header, NbdProtocol.OptionMagic);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], (uint)option);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], data.Length);
        return connection.TryWrite(header) && connection.TryWrite(data) && connection.TrySend();
    }

    private static Result<(NbdOptionReply Type, int Length)> Answer(NbdConnection connection, NbdOption option, Span<byte> body)
    {
        Span<byte> header = stackalloc byte[20];
        if (!connection.TryRead(header))
        {
            return new Failure(connection.Why!);
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[16..]);
        if (BinaryPrimitives.ReadUInt64BigEndian(header) != NbdProtocol.OptionReplyMagic
            || BinaryPrimitives.ReadUInt32BigEndian(header[8..]) != (uint)option
            || length > body.Length)
        {
            return new Failure("the server sent something that is no answer");
        }

        return connection.TryRead(body[..(int)length])
            ? ((NbdOptionReply)BinaryPrimitives.ReadUInt32BigEndian(header[12..]), (int)length)
            : new Failure(connection.Why!);
    }

    private static Failure Refusal(NbdOptionReply type, string name, ReadOnlySpan<byte> text)
    {
        // The server's own words; what is not printable in them is not for a terminal.
        var words = new string([.. Encoding.UTF8.GetString(text[..Math.Min(text.Length, 200)]).Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return new Failure(type switch
        {
            NbdOptionReply.Unknown => $"the server has no export '{name}'",
            NbdOptionReply.TlsRequired => "the server wants TLS, which is not spoken here; put a tunnel before it",
            NbdOptionReply.Policy => "the server refuses",
            _ => $"the server answers {(uint)type:X}",
        } + (words.Length > 0 ? $" ({words})" : ""));
    }

    private static Failure Lost(NbdConnection connection) => new(connection.Why ?? "the connection has ended");
}
