using System.Text;
using Emulator.Devices;
using Emulator.Host.Disks.Nbd;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>The negotiation, with a server that the test plays.</summary>
public sealed class NbdHandshakeTests : IDisposable
{
    private readonly NbdRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Size_and_flags_are_the_servers()
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end => end.Negotiate((1 << 20) + 700));
        Assert.Equal(("", (1 << 20) + 512L, true, false), (server.Export, backEnd.Length, backEnd.CanDiscard, backEnd.IsReadOnly));
    }

    [Theory]
    [InlineData(NbdProtocol.FixedNewstyle | NbdProtocol.NoZeroes, true)]
    [InlineData(NbdProtocol.FixedNewstyle, true)]
    [InlineData(NbdProtocol.NoZeroes, false)]
    [InlineData(0, false)]
    public void A_server_that_only_knows_names_of_exports_is_enough(int flags, bool knowsOptions)
    {
        var (backEnd, server) = _rig.Open(_rig.Listen(), end =>
        {
            end.Greet((ushort)flags);
            if (knowsOptions)
            {
                Assert.Equal(NbdOption.Go, end.ReadOption(out _));
                end.Answer(NbdOption.Go, NbdOptionReply.Unsupported);
            }

            Assert.Equal(NbdOption.ExportName, end.ReadOption(out _));
            end.Send(ServerEnd.U64(4096), ServerEnd.U16(ServerEnd.AllFlags), new byte[(flags & NbdProtocol.NoZeroes) == 0 ? NbdProtocol.ZeroesSize : 0]);
        });
        var read = _rig.Start(backEnd, BlockOperation.Read, 512, new byte[512]);
        server.Reply(server.ReadRequest(), new byte[512]);
        Assert.Equal(BlockStatus.Ok, NbdRig.End(read));
    }

    [Fact]
    public void What_a_server_tells_that_nobody_asked_for_is_passed_over()
    {
        var (backEnd, _) = _rig.Open(_rig.Listen(), end =>
        {
            end.Greet();
            end.ReadOption(out _);
            end.Answer(NbdOption.Go, NbdOptionReply.Info, ServerEnd.U16(1), "name"u8.ToArray());
            end.Answer(NbdOption.Go, NbdOptionReply.Info, ServerEnd.U16(77));
            end.Answer(NbdOption.Go, NbdOptionReply.Info);
            end.AnswerInfo(8192, ServerEnd.AllFlags);
            end.Answer(NbdOption.Go, NbdOptionReply.Acknowledged);
        });
        Assert.Equal(8192, backEnd.Length);
    }

    [Theory]
    [InlineData((uint)NbdOptionReply.Unknown, "the server has no export 'x' (no such thing)")]
    [InlineData((uint)NbdOptionReply.TlsRequired, "the server wants TLS, which is not spoken here; put a tunnel before it (no such thing)")]
    [InlineData((uint)NbdOptionReply.Policy, "the server refuses (no such thing)")]
    [InlineData(0x80000009, "the server answers 80000009 (no such thing)")]
    [InlineData(2, "the server answers 2 (no such thing)")]
    public void A_refusal_is_told_in_a_line(uint type, string line) =>
        Assert.Equal($"nbd+unix:///x?socket=S: {line}", _rig.Refusal(_rig.Listen(), end =>
        {
            end.Greet();
            end.ReadOption(out _);
            end.Answer(NbdOption.Go, (NbdOptionReply)type, Encoding.UTF8.GetBytes("no\nsuch\u001bthing"));
        }));

    [Fact]
    public void What_is_not_a_server_of_this_protocol_is_told_apart()
    {
        var listener = _rig.Listen();
        Assert.EndsWith("S: what answers there is not an NBD server", _rig.Refusal(listener, end => end.Send(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2p1\r\n"))), StringComparison.Ordinal);
        Assert.Contains("old protocol", _rig.Refusal(listener, end => end.Send(ServerEnd.U64(NbdProtocol.ServerMagic), ServerEnd.U64(NbdProtocol.OldMagic))), StringComparison.Ordinal);
        Assert.EndsWith("S: the server has closed the connection", _rig.Refusal(listener, end => end.Send(ServerEnd.U64(NbdProtocol.ServerMagic))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0ul, 512u, 100u)]
    [InlineData(0ul, 3u, 4096u)]
    [InlineData(0ul, 0u, 4096u)]
    [InlineData(0ul, 1u << 17, 1u << 20)]
    [InlineData(1ul << 63, 1u, 4096u)]
    public void Sizes_that_cannot_be_are_refused(ulong size, uint minimum, uint maximum) =>
        Assert.EndsWith("which cannot be", _rig.Refusal(_rig.Listen(), end => end.Negotiate((long)size, minimum: minimum, maximum: maximum)), StringComparison.Ordinal);

    [Fact]
    public void Answers_without_an_end_or_of_any_length_are_not_taken()
    {
        var listener = _rig.Listen();
        Assert.EndsWith("the server's answer does not end", _rig.Refusal(listener, end =>
        {
            end.Greet();
            end.ReadOption(out _);
            for (var i = 0; i < 100; i++)
            {
                end.Answer(NbdOption.Go, NbdOptionReply.Info, ServerEnd.U16(1));
            }
        }), StringComparison.Ordinal);
        Assert.EndsWith("the server sent something that is no answer", _rig.Refusal(listener, end =>
        {
            end.Greet();
            end.ReadOption(out _);
            end.Send(ServerEnd.U64(NbdProtocol.OptionReplyMagic), ServerEnd.U32((uint)NbdOption.Go), ServerEnd.U32((uint)NbdOptionReply.Info), ServerEnd.U32(uint.MaxValue));
        }), StringComparison.Ordinal);
        Assert.EndsWith("the server does not say how large its export is", _rig.Refusal(listener, end =>
        {
            end.Greet();
            end.ReadOption(out _);
            end.Answer(NbdOption.Go, NbdOptionReply.Acknowledged);
        }), StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_that_cannot_be_changed_is_opened_only_by_who_wants_no_change()
    {
        const ushort ReadOnly = (ushort)(NbdExportFlags.HasFlags | NbdExportFlags.ReadOnly);
        var listener = _rig.Listen();
        Assert.EndsWith("the server lets nothing be changed; give readonly=on", _rig.Refusal(listener, end => end.Negotiate(4096, ReadOnly)), StringComparison.Ordinal);
        Assert.True(_rig.Open(listener, end => end.Negotiate(4096, ReadOnly), isReadOnly: true).BackEnd.IsReadOnly);
        Assert.Empty(_rig.Lines);
    }

    [Fact]
    public void A_server_without_flush_is_complained_of()
    {
        _rig.Open(_rig.Listen(), end => end.Negotiate(4096, (ushort)NbdExportFlags.HasFlags));
        Assert.Equal(["drive d: the server has no flush; what it has taken is as safe as it likes"], _rig.Lines);
    }

    [Fact]
    public void No_server_is_a_line_as_well()
    {
        Assert.False(_rig.TryOpen($"nbd:unix:{_rig.SocketPath}").Get(out _, out var mistake));
        Assert.StartsWith("nbd+unix:///?socket=", mistake, StringComparison.Ordinal);
    }
}
