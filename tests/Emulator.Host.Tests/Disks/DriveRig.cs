using Emulator.Devices;
using Emulator.Host.Disks;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Tests.Disks;

/// <summary>A drive that is asked and waited for.</summary>
internal sealed class DriveRig : ILogger, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly List<string> _log = [];

    private DriveRig(string words, bool isShared, bool isScheduled)
    {
        Assert.True(DriveCatalog.Parse(words).Get(out var drive, out var mistake), mistake);
        Assert.Null(DriveCatalog.Number([drive]));
        Result = Drives.Open(drive, new DriveOpening(this, isShared, isScheduled));
    }

    public Result<IBlockBackEnd> Result { get; }

    public IBlockBackEnd BackEnd => Result.IsOk ? Result.Value : throw new InvalidOperationException(Result.Error);

    public string[] Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Opens <c>if=none</c> with more words.</summary>
    public static DriveRig Open(string words, bool isShared = false, bool isScheduled = false)
    {
        // A process that another test starts has a copy of what this test has closed, lock and all, until it becomes another program.
        DriveRig rig;
        var end = DateTime.UtcNow + s_patience;
        do
        {
            rig = new DriveRig($"if=none,{words}", isShared, isScheduled);
        }
        while (rig.Result.Error?.Contains("another program has it open", StringComparison.Ordinal) == true && DateTime.UtcNow < end);

        Assert.Null(rig.Result.Error);
        return rig;
    }

    /// <summary>Opens <c>if=none</c> with more words in vain; says why.</summary>
    public static string Refuse(string words, bool isShared = false)
    {
        using var rig = new DriveRig($"if=none,{words}", isShared, false);
        Assert.False(rig.Result.IsOk);
        return rig.Result.Error;
    }

    /// <summary>A request that has been started.</summary>
    public Asked Start(BlockOperation operation, long offset = 0, byte[]? buffer = null, long length = 0, bool stable = false, bool mayUnmap = false)
    {
        var asked = new Asked
        {
            Operation = operation,
            Offset = offset,
            Buffer = buffer,
            Length = buffer?.Length ?? length,
            ForceUnitAccess = stable,
            MayUnmap = mayUnmap,
        };
        asked.Completion = asked;
        BackEnd.Start(asked);
        return asked;
    }

    public BlockStatus Ask(BlockOperation operation, long offset = 0, byte[]? buffer = null, long length = 0, bool stable = false, bool mayUnmap = false) =>
        Start(operation, offset, buffer, length, stable, mayUnmap).Wait();

    public BlockStatus Write(long offset, byte[] data, bool stable = false) => Ask(BlockOperation.Write, offset, data, stable: stable);

    public BlockStatus Flush() => Ask(BlockOperation.Flush);

    public byte[] Read(long offset, int length)
    {
        var buffer = Filled(length, 0xEE);
        Assert.Equal(BlockStatus.Ok, Ask(BlockOperation.Read, offset, buffer));
        return buffer;
    }

    public static byte[] Filled(int length, byte value)
    {
        var data = new byte[length];
        data.AsSpan().Fill(value);
        return data;
    }

    public void Dispose() => Result.Value?.Dispose();

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_log)
        {
            _log.Add(formatter(state, exception));
        }
    }

    /// <summary>A request, and its end.</summary>
    internal sealed class Asked : BlockRequest, IBlockCompletion
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public BlockStatus Wait()
        {
            Assert.True(_ended.Task.Wait(s_patience), $"a {Operation} does not end");
            return Status;
        }

        void IBlockCompletion.Completed(BlockRequest request) => _ended.SetResult();
    }
}
