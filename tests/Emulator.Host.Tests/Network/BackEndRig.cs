using System.Collections.Concurrent;
using Emulator.Devices;
using Emulator.Host.Network;
using Emulator.Host.Tests.Tracing;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Tests.Network;

/// <summary>A back end at work, with the test in the controller's place.</summary>
internal sealed class BackEndRig : IDisposable, ILogger
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<NetworkBackEnd> _backEnds = [];

    /// <summary>What is logged as a warning.</summary>
    public ConcurrentQueue<string> Warnings { get; } = new();

    public void Dispose()
    {
        _backEnds.ForEach(backEnd => backEnd.Dispose());
        _folder.Dispose();
    }

    /// <summary>A path of the test's own.</summary>
    public string Path(string name) => _folder.File(name);

    /// <summary>Opens what the command line says and starts it.</summary>
    public (NetworkPort Port, NetworkBackEnd BackEnd) Start(string netdev)
    {
        Assert.True(TryOpen(netdev).Get(out var backEnd, out var mistake), mistake);
        _backEnds.Add(backEnd);
        var (controller, end) = NetworkPort.CreateWire();
        controller.Listen(() => { }, () => { }, () => { });
        backEnd.Attach(end);
        backEnd.Start();
        return (controller, backEnd);
    }

    /// <summary>Opens what the command line says.</summary>
    public Result<NetworkBackEnd> TryOpen(string netdev)
    {
        Assert.True(NetdevCatalog.Parse(netdev).Get(out var description, out var mistake), mistake);
        return description.Kind.Open!(description, this);
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Warnings.Enqueue(formatter(state, exception));
}
