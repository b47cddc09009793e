using System.Diagnostics.CodeAnalysis;

namespace Emulator.Devices;

/// <summary>
/// A controller's end of a disk: checks what is asked, keeps account of what is under way, does with the host's errors as it is told, and brings the
/// ends back to the controller's I/O thread.
/// </summary>
/// <remarks>
/// Everything is on that thread, unless it says otherwise; a reset, with no work of the controller running, may call <see cref="Cancel()"/>
/// from elsewhere. Nothing waits: what is submitted behind a cancellation stays here until the last of the cancelled has ended, so that an old write never
/// falls on a newer one; and what is submitted while the machine is stopped stays until it goes on.
/// </remarks>
public sealed partial class Disk : IBlockCompletion
{
    private readonly IBlockBackEnd _backEnd;
    private IoQueue? _queue;
    private IoWork? _completed;
    private BlockRequest? _ended;   // Pushed by any thread, the latest first.
    private BlockRequest? _next;    // Taken from there, in the order in which they ended.
    private BlockRequest? _held;    // Submitted and not started, because of cancelled ones under way or of a machine that is stopped.
    private BlockRequest? _lastHeld;
    private int _generation;        // Counts cancellations of everything.
    private int _underWay;
    private int _cancelled;         // How many of those under way are.

    /// <summary>A disk that nobody uses yet.</summary>
    /// <param name="backEnd">What is behind it. Whoever made it disposes of it.</param>
    /// <param name="properties">What it says of itself.</param>
    /// <param name="machine">What an error may stop; if null, an error that would stop it is reported.</param>
    public Disk(IBlockBackEnd backEnd, DiskProperties properties, IMachineStop? machine = null)
    {
        ArgumentNullException.ThrowIfNull(backEnd);
        ArgumentNullException.ThrowIfNull(properties);
        (_backEnd, Properties, HasWriteCache) = (backEnd, properties, properties.HasWriteCache);
        (_machine, _continue) = (machine, new ContinueWork(this));
        machine?.OnContinue(Continue);
    }

    /// <summary>What it says of itself.</summary>
    public DiskProperties Properties { get; }

    /// <summary>Whole logical blocks.</summary>
    public long Blocks => _backEnd.Length / Properties.LogicalBlockSize;

    /// <summary>Bytes.</summary>
    public long Length => Blocks * Properties.LogicalBlockSize;

    /// <summary>True if nothing can be changed.</summary>
    public bool IsReadOnly => _backEnd.IsReadOnly;

    /// <summary>True if a discard gives room back to the host.</summary>
    public bool CanDiscard => _backEnd.CanDiscard && Properties.Discards;

    /// <summary>False if each write is stable when it ends. Who switches it off flushes before saying that it is.</summary>
    public bool HasWriteCache { get; set; }

    /// <summary>Says who is told that requests have ended. Once, before the first.</summary>
    /// <param name="queue">The controller's.</param>
    /// <param name="completed">Takes them, by <see cref="TryTake"/>.</param>
    public void Connect(IoQueue queue, IoWork completed) => (_queue, _completed) = (queue, completed);

    /// <summary>Asks for something. It may have ended on return.</summary>
    /// <param name="request">Its owner does not touch it until <see cref="TryTake"/> gives it back, once.</param>
    public void Submit(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Begin();
        (request.IsCancelled, request.Generation) = (false, _generation);
        request.Completion = this;
        _underWay++;
        Hold(request);
        if (_cancelled == 0 && !IsStopped)
        {
            StartHeld();
        }
    }

    /// <summary>The next request that has ended. After a reset of its queue the controller calls it again, since what was posted was dropped.</summary>
    /// <param name="request">Belongs to the controller again. If its status is <see cref="BlockStatus.Cancelled"/> nobody else is told.</param>
    /// <returns>False if there is none: the work is posted when there is.</returns>
    public bool TryTake([NotNullWhen(true)] out BlockRequest? request)
    {
        do
        {
            _next ??= TakeEnded();
            if ((request = _next) is null)
            {
                return false;
            }

            (_next, request.Next) = (request.Next, null);
        }
        while (!IsCancelled(request) && IsKept(request));

        _underWay--;
        if (IsCancelled(request))
        {
            request.Override(BlockStatus.Cancelled);
            if (--_cancelled == 0 && !IsStopped)
            {
                StartHeld();
            }
        }

        return true;
    }

    /// <summary>Gives up everything under way: whatever comes of it, it ends as <see cref="BlockStatus.Cancelled"/>. What is submitted from now on starts when all of it has ended.</summary>
    public void Cancel()
    {
        _generation++;
        _cancelled = _underWay;
        for (var request = TakeHeld(); request is not null;)
        {
            var next = request.Next;
            request.Complete(BlockStatus.Cancelled);
            request = next;
        }
    }

    /// <summary>Gives up one, in the same way.</summary>
    /// <param name="request">One that is submitted and not taken.</param>
    public void Cancel(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsCancelled(request))
        {
            request.IsCancelled = true;
            _cancelled++;
            if (Unhold(request))
            {
                request.Complete(BlockStatus.Cancelled);
            }
        }
    }

    void IBlockCompletion.Completed(BlockRequest request)
    {
        BlockRequest? head;
        do
        {
            head = Volatile.Read(ref _ended);
            request.Next = head;
        }
        while (Interlocked.CompareExchange(ref _ended, request, head) != head);

        // Whoever found others here has been preceded by one that posted, and the work that takes them takes this one too.
        if (head is null && _queue is { } queue)
        {
            queue.Post(_completed!, queue.Generation);
        }
    }

    private bool IsCancelled(BlockRequest request) => request.IsCancelled || request.Generation != _generation;

    private void Start(BlockRequest request)
    {
        var isChange = request.Operation is BlockOperation.Write or BlockOperation.WriteZeroes or BlockOperation.Discard;
        if (isChange && IsReadOnly)
        {
            request.Complete(BlockStatus.ReadOnly);
        }
        else if (request.Operation != BlockOperation.Flush && !IsWithin(request.Offset, request.Length))
        {
            request.Complete(BlockStatus.OutOfRange);
        }
        else if ((request.Operation == BlockOperation.Discard && !Properties.Discards) || (request.Operation == BlockOperation.Flush && !Properties.Flushes))
        {
            request.Complete(BlockStatus.Ok);
        }
        else
        {
            request.ForceUnitAccess = (request.ForceUnitAccess || !HasWriteCache) && Properties.Flushes;
            request.MayUnmap &= Properties.Discards;
            _backEnd.Start(request);
        }
    }

    private bool IsWithin(long offset, long length) =>
        offset >= 0 && length >= 0 && length <= Length - offset && ((offset | length) & (Properties.LogicalBlockSize - 1)) == 0;

    private void Hold(BlockRequest request)
    {
        request.Next = null;
        if (_lastHeld is null)
        {
            _held = request;
        }
        else
        {
            _lastHeld.Next = request;
        }

        _lastHeld = request;
    }

    private bool Unhold(BlockRequest request)
    {
        BlockRequest? before = null;
        for (var held = _held; held is not null; (before, held) = (held, held.Next))
        {
            if (held == request)
            {
                _lastHeld = _lastHeld == held ? before : _lastHeld;
                if (before is null)
                {
                    _held = held.Next;
                }
                else
                {
                    before.Next = held.Next;
                }

                return true;
            }
        }

        return false;
    }

    private BlockRequest? TakeHeld()
    {
        var first = _held;
        (_held, _lastHeld) = (null, null);
        return first;
    }

    private void StartHeld()
    {
        for (var request = TakeHeld(); request is not null;)
        {
            var next = request.Next;
            Start(request);
            request = next;
        }
    }

    private BlockRequest? TakeEnded()
    {
        BlockRequest? first = null;
        for (var latest = Interlocked.Exchange(ref _ended, null); latest is not null;)
        {
            var earlier = latest.Next;
            latest.Next = first;
            (first, latest) = (latest, earlier);
        }

        return first;
    }
}
