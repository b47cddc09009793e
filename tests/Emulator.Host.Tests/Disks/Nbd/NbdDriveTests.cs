using System.Net;
using System.Net.Sockets;
using Emulator.Devices;
using Emulator.Host.Console;
using Emulator.Host.Disks.Nbd;
using Emulator.Host.Tests.CommandLine;
using Emulator.Host.Tests.Tracing;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>What <c>-drive</c> says of a server.</summary>
public sealed class NbdDriveTests : IDisposable
{
    private const int Size = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("file=nbd:localhost", "'nbd:localhost' is not the address of an NBD server; give nbd:HOST:PORT[:exportname=NAME]")]
    [InlineData("file=nbds://host/x", "'nbds://host/x': TLS is not spoken here; put a tunnel before the server and give nbd://")]
    [InlineData("file=nbd://host/x,export=y", "property 'export' of 'nbd': file= says it already")]
    [InlineData("driver=nbd", "give file=nbd:HOST:PORT, or server.type")]
    [InlineData("driver=nbd,server.type=unix", "property 'server.path' of 'nbd' is missing")]
    [InlineData("driver=nbd,server.type=inet", "property 'server.host' of 'nbd' is missing")]
    [InlineData("driver=nbd,server.type=inet,server.host=a,server.port=0", "property 'server.port' of 'nbd'")]
    [InlineData("file=nbd:a:1,reconnect-delay=soon", "property 'reconnect-delay' of 'nbd'")]
    public void A_mistake_gets_one_line_and_status_2(string drive, string expected)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(ExitStatus.BadCommandLine, harness.Invoke(["-kernel", "x", "-drive", $"if=none,{drive}"]));
        Assert.Contains(expected, harness.Error, StringComparison.Ordinal);
        Assert.Single(harness.Error.Trim('\n').Split('\n'));
    }

    [Theory]
    [InlineData("file=nbd:127.0.0.1:PORT", "")]
    [InlineData("file=nbd://localhost:PORT/x", "x")]
    [InlineData("driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=PORT,export=x", "x")]
    [InlineData("driver=raw,file.driver=nbd,file.server.type=inet,file.server.host=127.0.0.1,file.server.port=PORT", "")]
    public void A_server_on_TCP_is_reached_by_each_spelling(string words, string export)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var server = new AnsweringServer(listener);
        using (var drive = DriveRig.Open(words.Replace("PORT", $"{((IPEndPoint)listener.LocalEndPoint!).Port}", StringComparison.Ordinal)))
        {
            Assert.Equal(Size, drive.BackEnd.Length);
            Assert.All(drive.Read(4096, 1024), value => Assert.Equal(8, value));
        }

        Assert.Equal(export, server.Export);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(",discard=unmap", true)]
    public void Discards_are_sent_if_they_are_wanted(string more, bool areSent)
    {
        using var listener = SocketEnd.Unix(_folder.File("nbd")).Listen();
        using var server = new AnsweringServer(listener);
        using (var drive = DriveRig.Open($"file=nbd:unix:{_folder.File("nbd")}{more}"))
        {
            Assert.Equal(areSent, drive.BackEnd.CanDiscard);
            Assert.Equal(BlockStatus.Ok, drive.Ask(BlockOperation.Discard, 0, length: 4096));
        }

        Assert.Equal(areSent ? [NbdCommand.Trim, NbdCommand.Disconnect] : [NbdCommand.Disconnect], server.Asked);
    }

    [Fact]
    public void In_a_deterministic_schedule_a_request_has_ended_when_it_has_been_started()
    {
        using var listener = SocketEnd.Unix(_folder.File("nbd")).Listen();
        using var server = new AnsweringServer(listener);
        using var drive = DriveRig.Open($"file=nbd:unix:{_folder.File("nbd")}", isScheduled: true);
        Assert.Equal(BlockStatus.Ok, drive.Start(BlockOperation.Read, 512, new byte[512]).Status);
    }

    // Answers everything, on a thread of its own; a read has the number of its first sector.
    private sealed class AnsweringServer : IDisposable
    {
        private readonly Thread _thread;
        private readonly Socket _listener;
        private string _export = "";

        public AnsweringServer(Socket listener)
        {
            _listener = listener;
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        /// <summary>What was asked for, after the client's end.</summary>
        public string Export
        {
            get
            {
                Assert.True(_thread.Join(30_000), "the client does not end");
                return _export;
            }
        }

        public IEnumerable<NbdCommand> Asked
        {
            get
            {
                _ = Export;
                return Commands;
            }
        }

        private List<NbdCommand> Commands { get; } = [];

        public void Dispose() => _listener.Dispose();

        private void Run()
        {
            using var end = new ServerEnd(_listener.Accept());
            end.Negotiate(Size);
            _export = end.Export;
            while (end.TryReadRequest() is { } request)
            {
                Commands.Add(request.Command);
                if (request.Command == NbdCommand.Disconnect)
                {
                    return;
                }

                end.Reply(request, request.Command == NbdCommand.Read ? Enumerable.Repeat((byte)(request.Offset / 512), request.Length).ToArray() : []);
            }
        }
    }
}
