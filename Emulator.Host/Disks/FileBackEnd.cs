using Emulator.Devices;
using Emulator.Host.CommandLine;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Disks;

/// <summary>A disk in a file, or on a block device of the host's.</summary>
/// <remarks>
/// What the page cache has is read on the calling thread; what waits for the host is done by threads of the drive's own, several requests at once.
/// A failed flush means that the host has lost writes it had taken, and does not say which: no flush succeeds after it.
/// </remarks>
internal sealed partial class FileBackEnd : IBlockBackEnd
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly DiskFile _file;
    private readonly DriveDescription _drive;
    private readonly ILogger _logger;
    private readonly RequestWorkers? _workers;
    private volatile bool _readsAtOnce = true;
    private volatile bool _writesAtOnce = true;
    private volatile bool _hasLost;
    private int _reported;  // A bit an operation.
    private bool _isClosed;

    private FileBackEnd(DiskFile file, DriveDescription drive, DriveOpening opening)
    {
        (_file, _drive, _logger) = (file, drive, opening.Logger);
        _workers = opening.IsScheduled ? null : new RequestWorkers(drive.Id, Carry);
    }

    /// <summary>What the command line may say.</summary>
    public static DriveKind Kind { get; } = new("file", "A regular file or a block device of the host's",
    [
        DeviceProperty.Text("filename", "", "another word for file", "PATH"),
        DeviceProperty.Choice("locking", ["on", "auto", "off"], "off: other programs may write to it at the same time, which destroys it"),
    ])
    {
        Protocols = ["file:"],
        Check = drive => PathOf(drive).Length > 0 && drive.IsGiven("file") != drive.IsGiven("filename") ? null : "a file name is missing: file=PATH",
        Open = Open,
    };

    /// <inheritdoc/>
    public long Length => _file.Length;

    /// <inheritdoc/>
    public bool IsReadOnly => _drive.OpensReadOnly;

    /// <inheritdoc/>
    public bool CanDiscard => true;

    /// <inheritdoc/>
    public void Start(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (TryAtOnce(request))
        {
            request.Complete(BlockStatus.Ok);
        }
        else if (_workers is not null)
        {
            _workers.Add(request);
        }
        else
        {
            Carry(request);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        if (_workers is null || _workers.Stop(s_patience))
        {
            if (!IsReadOnly && !_drive.IsUnsafe)
            {
                _ = Synchronize();
            }

            _file.Dispose();
        }
        else
        {
            // The host still has a request: the process ends with the file open.
            LogStuck(_logger, _file.Path);
        }
    }

    private static string PathOf(DriveDescription drive) =>
        drive.IsGiven("filename") ? drive.Text("filename")
        : drive.Text("file") is var text && text.StartsWith("file:", StringComparison.Ordinal) ? text["file:".Length..]
        : text;

    private static Result<IBlockBackEnd> Open(DriveDescription drive, DriveOpening opening) =>
        DiskFile.Open(PathOf(drive), new DiskFileMode(drive.OpensReadOnly, drive.IsDirect, opening.IsShared, drive.Text("locking") != "off", drive.IsGiven("format")))
            .Get(out var file, out var mistake)
            ? new FileBackEnd(file, drive, opening)
            : new Failure(mistake);

    private bool TryAtOnce(BlockRequest request)
    {
        var error = 0;
        switch (request.Operation)
        {
            case BlockOperation.Read when _readsAtOnce:
                if (_file.TryRead(request.Offset, request.Buffer, out error))
                {
                    return true;
                }

                _readsAtOnce = error != FileCalls.NotSupported;
                return false;
            case BlockOperation.Write when _writesAtOnce && !request.ForceUnitAccess:
                if (_file.TryWrite(request.Offset, request.Buffer, out error))
                {
                    return true;
                }

                _writesAtOnce = error != FileCalls.NotSupported;
                return false;
            default:
                return false;
        }
    }

    private void Carry(BlockRequest request) => request.Complete(Do(request));

    private BlockStatus Do(BlockRequest request)
    {
        switch (request.Operation)
        {
            case BlockOperation.Read:
                return Report(request, _file.Read(request.Offset, request.Buffer.Span));
            case BlockOperation.Write:
                if (!request.ForceUnitAccess)
                {
                    return Report(request, _file.Write(request.Offset, request.Buffer.Span));
                }

                var error = _file.WriteStable(request.Offset, request.Buffer, out var hasLost);
                _hasLost |= hasLost;
                return Report(request, error);
            case BlockOperation.WriteZeroes:
                var status = Report(request, _file.WriteZeroes(request.Offset, request.Length, request.MayUnmap));
                return status == BlockStatus.Ok && request.ForceUnitAccess ? Report(request, Synchronize()) : status;
            case BlockOperation.Discard:
                return Report(request, _file.Discard(request.Offset, request.Length));
            default:
                return _hasLost ? BlockStatus.IoError : Report(request, Synchronize());
        }
    }

    // The host reports what it lost to one caller only, whoever that is: from then on it is remembered here.
    private int Synchronize()
    {
        var error = _file.Synchronize();
        _hasLost |= error != 0;
        return error;
    }

    private BlockStatus Report(BlockRequest request, int error)
    {
        if (error == 0)
        {
            return BlockStatus.Ok;
        }

        var bit = 1 << (int)request.Operation;
        if ((Interlocked.Or(ref _reported, bit) & bit) == 0)
        {
            LogFailed(_logger, _file.Path, request.Operation, request.Length, request.Offset, error == FileCalls.EndOfFile ? "the file is shorter than it was" : FileCalls.Message(error));
        }

        return error is FileCalls.NoSpace or FileCalls.OverQuota ? BlockStatus.NoSpace : BlockStatus.IoError;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: {Operation} of {Length} bytes at {Offset} failed: {Error}; more of these are not logged")]
    private static partial void LogFailed(ILogger logger, string path, BlockOperation operation, long length, long offset, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: a request does not end, and the file is not closed")]
    private static partial void LogStuck(ILogger logger, string path);
}
