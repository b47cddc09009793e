using System.Collections.Concurrent;
using System.Net.Sockets;
using Emulator.Devices;
using Emulator.Host.Console;
using Emulator.Host.Disks.Nbd;
using Emulator.Host.Tests.Network;
using Emulator.Host.Tests.Tracing;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Tests.Disks.Nbd;

/// <summary>A back end, with the test as the disk before it and, if it listens, as the server behind it.</summary>
internal sealed class NbdRig : IDisposable, ILogger, IBlockCompletion
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly List<IBlockBackEnd> _backEnds = [];
    private readonly List<Socket> _listeners = [];

    /// <summary>What is logged as a warning or worse.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>The path of the server's socket.</summary>
    public string SocketPath => _folder.File("nbd");

    public void Dispose()
    {
        _listeners.ForEach(listener => listener.Dispose());
        _backEnds.ForEach(backEnd => backEnd.Dispose());
        _folder.Dispose();
    }

    /// <summary>A path of the test's own.</summary>
    public string Path(string name) => _folder.File(name);

    /// <summary>Listens where the back end connects to.</summary>
    public Socket Listen()
    {
        var listener = SocketEnd.Unix(SocketPath).Listen();
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>Takes the next connection.</summary>
    public static ServerEnd Accept(Socket listener)
    {
        Assert.True(listener.Poll(s_patience, SelectMode.SelectRead), "the client does not connect");
        return new ServerEnd(listener.Accept());
    }

    /// <summary>Takes the next connection, or null once that is needless.</summary>
    public static ServerEnd? TryAccept(Socket listener, Func<bool> isNeedless)
    {
        Wires.Until(() => isNeedless() || listener.Poll(1000, SelectMode.SelectRead), "a connection");
        return isNeedless() ? null : new ServerEnd(listener.Accept());
    }

    /// <summary>Opens an export on this thread.</summary>
    public Result<IBlockBackEnd> TryOpen(string file, bool isReadOnly = false, double delay = 30)
    {
        Assert.True(NbdAddress.Parse(file).Get(out var address, out var mistake), mistake);
        var result = NbdBackEnd.Open("d", address, new NbdOptions(TimeSpan.FromSeconds(delay)) { IsReadOnly = isReadOnly, Unmaps = true }, this);
        if (result.Get(out var backEnd, out _))
        {
            _backEnds.Add(backEnd);
        }

        return result;
    }

    /// <summary>Opens an export.</summary>
    public IBlockBackEnd Open(string file, bool isReadOnly = false, double delay = 30)
    {
        Assert.True(TryOpen(file, isReadOnly, delay).Get(out var backEnd, out var mistake), mistake);
        return backEnd;
    }

    /// <summary>Opens the listener's export while the test, on this thread, is the server.</summary>
    public (IBlockBackEnd BackEnd, ServerEnd Server) Open(Socket listener, Action<ServerEnd> negotiate, bool isReadOnly = false, double delay = 30)
    {
        var opening = Task.Run(() => Open($"nbd:unix:{SocketPath}", isReadOnly, delay));
        var server = Accept(listener);
        negotiate(server);
        Assert.True(opening.Wait(s_patience), "the client does not open");
        return (opening.Result, server);
    }

    /// <summary>What an open that must fail says.</summary>
    public string Refusal(Socket listener, Action<ServerEnd> negotiate, bool isReadOnly = false)
    {
        var opening = Task.Run(() => TryOpen($"nbd:unix:{SocketPath}:exportname=x", isReadOnly));
        using (var server = Accept(listener))
        {
            negotiate(server);
        }

        Assert.True(opening.Wait(s_patience), "the client does not give up");
        Assert.False(opening.Result.Get(out _, out var mistake));
        return mistake.Replace(SocketPath, "S", StringComparison.Ordinal);
    }

    /// <summary>Starts a request.</summary>
    public TestRequest Start(IBlockBackEnd backEnd, BlockOperation operation, long offset = 0, byte[]? data = null, long length = 0, bool fua = false, bool mayUnmap = false)
    {
        var request = new TestRequest
        {
            Operation = operation,
            Offset = offset,
            Buffer = data,
            Length = data?.Length ?? length,
            ForceUnitAccess = fua,
            MayUnmap = mayUnmap,
            Completion = this,
        };
        backEnd.Start(request);
        return request;
    }

    /// <summary>Waits for a request's end.</summary>
    public static BlockStatus End(TestRequest request)
    {
        Assert.True(request.Ended.Wait(s_patience), $"{request.Operation} at {request.Offset} does not end");
        return request.Status;
    }

    /// <summary>Does something that must succeed.</summary>
    public void Do(IBlockBackEnd backEnd, BlockOperation operation, long offset = 0, byte[]? data = null, long length = 0, bool fua = false, bool mayUnmap = false) =>
        Assert.Equal(BlockStatus.Ok, End(Start(backEnd, operation, offset, data, length, fua, mayUnmap)));

    public void Completed(BlockRequest request) => ((TestRequest)request).Ended.Set();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue(formatter(state, exception).Replace(SocketPath, "S", StringComparison.Ordinal));
}

/// <summary>A request whose end can be waited for.</summary>
internal sealed class TestRequest : BlockRequest
{
    public ManualResetEventSlim Ended { get; } = new();
}
