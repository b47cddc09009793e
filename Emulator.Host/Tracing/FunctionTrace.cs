using System.Buffers.Binary;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Host.Tracing;

/// <summary>A function's part of a trace: its DMA, its registers, its pin.</summary>
/// <remarks>A thread has one access under way and one register read, so what belongs together is found by the thread.</remarks>
internal sealed class FunctionTrace : IDmaObserver, IFunctionObserver
{
    [ThreadStatic]
    private static OpenEvent? s_access;

    [ThreadStatic]
    private static OpenEvent? s_registerRead;

    // What a site's fence, or the access behind it, is about to take over.
    [ThreadStatic]
    private static (OrderingSite Site, SiteMutation Mutation)? s_site;

    private readonly TraceRecorder _recorder;
    private readonly TraceLane _lane;
    private readonly DmaContext _dma;

    internal FunctionTrace(TraceRecorder recorder, TraceLane lane, DmaContext dma) => (_recorder, _lane, _dma) = (recorder, lane, dma);

    /// <summary>The access that the calling thread has under way.</summary>
    public static OpenEvent? Current => s_access;

    private OpenEvent? Mine => s_access is { } open && open.Lane == _lane ? open : null;

    /// <inheritdoc/>
    public void Begin(bool relaxed)
    {
        s_access = new OpenEvent(_lane) { Relaxed = relaxed, Ordering = DmaOrderings.Name(_dma.Ordering) };
        TakeSite(s_access);
        BeginNow(s_access);
    }

    /// <inheritdoc/>
    public void BeginMessage(uint data)
    {
        s_access = new OpenEvent(_lane) { Kind = TraceKind.Message, Value = data, Ordering = DmaOrderings.Name(_dma.Ordering) };
        BeginNow(s_access);
    }

    /// <inheritdoc/>
    public void Fence(DmaFence fence)
    {
        if (fence == DmaFence.None)
        {
            return;
        }

        if (Mine is { } open)
        {
            open.Fences.Add(fence);

            // The bus has no release fence: it is what makes a publish.
            open.Kind ??= fence == DmaFence.Release ? TraceKind.Publish : null;
            return;
        }

        RecordFence(fence);
    }

    /// <inheritdoc/>
    public void At(OrderingSite site, SiteMutation mutation, DmaFence fence)
    {
        if (Mine is { } open)
        {
            (open.Site, open.Mutation) = (site.Name, mutation);
            open.Kind ??= TraceKind.Publish;
            return;
        }

        s_site = (site, mutation);
        if (mutation == SiteMutation.Dropped)
        {
            // Of a fence that is left out nothing more is heard.
            RecordFence(fence);
        }
    }

    /// <inheritdoc/>
    public void Moved(ReadOnlySpan<byte> data)
    {
        if (Mine is { } open && data.Length <= sizeof(ulong))
        {
            Span<byte> word = stackalloc byte[sizeof(ulong)];
            word.Clear();
            data.CopyTo(word);
            open.Value = BinaryPrimitives.ReadUInt64LittleEndian(word);
        }
    }

    /// <inheritdoc/>
    public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status)
    {
        var open = Mine ?? new OpenEvent(_lane) { Ordering = DmaOrderings.Name(_dma.Ordering) };
        (s_access, s_site) = (null, null);
        if (_recorder.Covers?.Invoke(address) == false && open.Kind != TraceKind.Message)
        {
            return;
        }

        open.Kind ??= direction == DmaDirection.Read ? TraceKind.Read : TraceKind.Write;
        (open.Address, open.Length) = (address, length);
        open.Status = status == DmaStatus.Ok ? null : status.ToString();
        _recorder.End(open);
    }

    /// <inheritdoc/>
    public void Flushed()
    {
        if (s_registerRead is { } read && read.Function == _lane.Name)
        {
            _recorder.Flushed(read);
        }
    }

    /// <inheritdoc/>
    public void BeginRead(ulong address, int size)
    {
        s_registerRead = null;
        if (_recorder.IsRecording)
        {
            s_registerRead = Register(TraceKind.RegisterRead, address, size);
            _recorder.Begin(s_registerRead);
        }
    }

    /// <inheritdoc/>
    public void EndRead(ulong value, BusStatus status)
    {
        if (s_registerRead is not { } read)
        {
            return;
        }

        s_registerRead = null;
        (read.Value, read.Status) = status == BusStatus.Ok ? (value, null) : ((ulong?)null, status.ToString());
        _recorder.End(read);
    }

    /// <inheritdoc/>
    public void Write(ulong address, int size, ulong value)
    {
        if (_recorder.IsRecording)
        {
            var write = Register(TraceKind.RegisterWrite, address, size);
            write.Value = value;
            _recorder.Record(write);
        }
    }

    /// <inheritdoc/>
    public void Pin(bool asserted) => _recorder.Record(new OpenEvent(_lane) { Kind = asserted ? TraceKind.Raise : TraceKind.Lower });

    // Where memory is simulated an access begins with its first word: others may go on between its fence and that.
    private void BeginNow(OpenEvent open)
    {
        if (!_recorder.IsSimulated)
        {
            _recorder.Begin(open);
        }
    }

    private OpenEvent Register(TraceKind kind, ulong address, int size) =>
        new(_recorder.Caller()) { Kind = kind, Function = _lane.Name, Address = address, Length = size };

    private void RecordFence(DmaFence fence)
    {
        var open = new OpenEvent(_lane) { Kind = TraceKind.Fence };
        open.Fences.Add(fence);
        TakeSite(open);
        _recorder.End(open);
    }

    private static void TakeSite(OpenEvent open)
    {
        if (s_site is { } site)
        {
            (open.Site, open.Mutation) = (site.Site.Name, site.Mutation);
            s_site = null;
        }
    }
}
