namespace Emulator.Memory;

// A message-signalled interrupt: a posted write that may come from any thread.
public sealed unsafe partial class DmaContext
{
    private const ulong OffsetInMessage = sizeof(uint) - 1;

    /// <summary>
    /// Sends a message: a posted 4-byte write behind everything that this context, as the calling thread knows it, did
    /// before, whatever the bus orders (PCI 3.0, 6.8.1). Any thread, also beside the initiator's own accesses.
    /// </summary>
    /// <remarks>
    /// A window that is an <see cref="IMessageTarget"/> is given the message, RAM takes an ordinary store, and other
    /// registers refuse it. The observer and the translator are called on the thread that sends.
    /// </remarks>
    /// <param name="address">Guest-physical, or what the translator takes; the low two bits do not matter.</param>
    /// <param name="data">The 32 bits.</param>
    public DmaStatus SendMessage(ulong address, uint data)
    {
        // Safe beside the initiator: of the context this reads the flags word, once, and the two references that never
        // change. The remembered range, the last direction and the settled flags are the initiator's, and untouched.
        address &= ~OffsetInMessage;
        var flags = Volatile.Read(ref _flags);
        if ((flags & DmaFlags.BusMaster) == 0)
        {
            return Report(DmaDirection.Write, address, sizeof(uint), DmaStatus.NotBusMaster);
        }

        Owner.Observer?.BeginMessage(data);

        // It is a write of the function's, behind what the calling thread cannot know: the bus's fence for that.
        IssueForMessage((DmaFence)((flags >> (Unknown + NextWrite)) & 7));

        // Data first: pairs with whatever the interrupted processor reads next. Enough for a store, under every ordering.
        if (!IsAttached || IssueAt(BusSites.MessageAfterData, DmaFence.Release))
        {
            Fences.Release();
        }

        var status = Report(DmaDirection.Write, address, sizeof(uint), Deliver(address, data));

        // A write that leaves no last direction behind: the fence that the bus has between it and a read stands here.
        IssueForMessage((DmaFence)((flags >> (AfterWrite + NextRead)) & 7));
        return status;
    }

    private void IssueForMessage(DmaFence fence)
    {
        Owner.Observer?.Fence(fence);
        Owner.Initiator?.FenceOfMessage(fence);
        Fences.Issue(fence);
    }

    private DmaStatus Deliver(ulong address, uint data)
    {
        var physical = address;
        if (Owner.Translator is { } translator)
        {
            var translated = translator.Translate(address, DmaDirection.Write, out physical);
            if (translated != DmaStatus.Ok)
            {
                return translated;
            }

            physical &= ~OffsetInMessage;
        }

        ref readonly var range = ref _memory.Map.Find(physical);
        if (range.Kind == RegionKind.Mmio && range.Region!.Target is IMessageTarget target)
        {
            if (Owner.Initiator is { } sender)
            {
                sender.Send(target, physical, data);
            }
            else
            {
                target.Message(physical, data);
            }

            return DmaStatus.Ok;
        }

        var claimed = Claim(in range, DmaDirection.Write);
        if (claimed == DmaStatus.Ok)
        {
            var offset = physical - range.First;
            var pageByte = range.CodeMap + (offset / RamBlock.PageSize);
            if (Owner.Initiator is { } initiator && initiator.Memory.Covers(physical))
            {
                initiator.Store(range.Host + offset, pageByte, physical, sizeof(uint), data);
                return claimed;
            }

            GuestWords.Store(range.Host + offset, sizeof(uint), data);
            if (Volatile.Read(ref *pageByte) != 0)
            {
                _memory.NotifyWritten(pageByte, physical);
            }
        }

        return claimed;
    }
}
