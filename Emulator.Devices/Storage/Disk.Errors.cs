namespace Emulator.Devices;

/// <summary>What becomes of errors of the host's, and of requests while the machine is stopped.</summary>
public sealed partial class Disk
{
    private readonly IMachineStop? _machine;
    private readonly IoWork _continue;

    private bool IsStopped => _machine is { IsStopped: true };

    /// <summary>Does as the policy says with a request that has ended and is not cancelled.</summary>
    /// <returns>True if its owner is not told, as it will be tried again.</returns>
    private bool IsKept(BlockRequest request)
    {
        if (request.Status is not (BlockStatus.IoError or BlockStatus.NoSpace))
        {
            return false;
        }

        var isRead = request.Operation == BlockOperation.Read;
        var policy = isRead ? Properties.ReadErrors : Properties.WriteErrors;
        if (policy == ErrorPolicy.Ignore)
        {
            if (isRead)
            {
                request.Buffer.Span.Clear();
            }

            request.Override(BlockStatus.Ok);
        }

        if (_machine is null || !(policy == ErrorPolicy.Stop || (policy == ErrorPolicy.StopIfFull && request.Status == BlockStatus.NoSpace)))
        {
            return false;
        }

        var why = request.Status == BlockStatus.NoSpace ? "the host has no room" : "the host reports an error";
        request.Begin();
        Hold(request);
        _machine.Stop($"drive {Properties.Name}: {request.Operation} of {request.Length} bytes at {request.Offset}: {why}");
        return true;
    }

    // If a reset of the queue drops it, what was held is cancelled, or starts before the next that is submitted.
    private void Continue()
    {
        if (_queue is { } queue)
        {
            queue.Post(_continue);
        }
    }

    /// <summary>Starts what waited for the machine to go on.</summary>
    private sealed class ContinueWork(Disk disk) : IoWork
    {
        protected internal override void Run()
        {
            if (disk is { _cancelled: 0, IsStopped: false })
            {
                disk.StartHeld();
            }
        }
    }
}
