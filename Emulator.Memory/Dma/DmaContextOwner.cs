using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Memory;

/// <summary>The bus's side of a context: what a device must not decide for itself. Any thread.</summary>
public sealed partial class DmaContextOwner
{
    private readonly Lock _changing = new();
    private readonly ILogger _logger;
    private readonly long[] _refused = new long[(int)DmaStatus.IommuFault + 1];
    private DmaOrdering _ordering;
    private bool _busMaster;
    private Dictionary<OrderingSite, SiteMutation> _mutations = [];

    /// <summary>Makes a context that may not be a bus master yet.</summary>
    /// <param name="name">The initiator, for messages.</param>
    /// <param name="memory">What it reaches.</param>
    /// <param name="ordering">What the bus orders.</param>
    /// <param name="logger">Hears of the first refusal of each kind.</param>
    public DmaContextOwner(string name, GuestMemory memory, DmaOrdering ordering = DmaOrdering.Full, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        (Name, _ordering, _logger) = (name, ordering, logger ?? NullLogger.Instance);
        Context = new DmaContext(memory, this, DmaFlags.Of(ordering, false, false));
    }

    /// <summary>The initiator, for messages.</summary>
    public string Name { get; }

    /// <summary>What the device is given.</summary>
    public DmaContext Context { get; }

    internal IDmaObserver? Observer { get; private set; }

    internal IDmaTranslator? Translator { get; private set; }

    /// <summary>The context's side of a simulated memory, or null.</summary>
    internal Initiator? Initiator { get; private set; }

    /// <summary>How many accesses ended with a status other than Ok, by status.</summary>
    public long Refused(DmaStatus status) => Interlocked.Read(ref _refused[(int)status]);

    /// <summary>Changes the ordering, of the accesses that begin from now on.</summary>
    public void SetOrdering(DmaOrdering ordering)
    {
        lock (_changing)
        {
            _ordering = ordering;
            Update();
        }
    }

    /// <summary>Lets the function be a bus master, or not: then what is under way fails from the next page on.</summary>
    public void SetBusMaster(bool enabled)
    {
        lock (_changing)
        {
            _busMaster = enabled;
            Update();
        }
    }

    /// <summary>Attaches an observer, or takes it away with null. The initiator may be in a call to the old one still.</summary>
    public void SetObserver(IDmaObserver? observer)
    {
        lock (_changing)
        {
            Observer = observer;
            Update();
        }
    }

    /// <summary>Attaches a translator, or takes it away with null; between accesses of the initiator.</summary>
    public void SetTranslator(IDmaTranslator? translator)
    {
        lock (_changing)
        {
            Translator = translator;
            Update();
        }
    }

    /// <summary>Has the context's accesses go through a simulated memory, from here on. Before the initiator's first access.</summary>
    public void Simulate(Initiator initiator)
    {
        lock (_changing)
        {
            Initiator = initiator;
            Update();
        }
    }

    /// <summary>Breaks an ordering site of this context on purpose. Before the initiator's first access.</summary>
    public void Mutate(OrderingSite site, SiteMutation mutation)
    {
        lock (_changing)
        {
            _mutations = new Dictionary<OrderingSite, SiteMutation>(_mutations) { [site] = mutation };
            Update();
        }
    }

    /// <summary>What has been done to a site. Any thread.</summary>
    public SiteMutation MutationOf(OrderingSite site) => Volatile.Read(ref _mutations).GetValueOrDefault(site);

    /// <summary>
    /// Ends a read of the initiator's registers: the reading thread sees from here on what the context wrote before those
    /// registers had what was read. Any thread, at the end of each such read; issues the fence, takes no lock.
    /// </summary>
    /// <remarks>
    /// The only place where somebody else's read meets the context's writes: a simulated store buffer is drained here.
    /// Pairs with the lock or the volatile store by which the device's thread changes a register behind its DMA.
    /// </remarks>
    public void FlushPostedWrites()
    {
        if (MutationOf(BusSites.FlushedByRead) == SiteMutation.None)
        {
            Fences.ReadCompletion();
            Initiator?.Drain();
        }

        Initiator?.Memory.Footprint?.Everything();

        Observer?.Flushed();
    }

    internal void Count(DmaStatus status, DmaDirection direction, ulong address, int length)
    {
        if (Interlocked.Increment(ref _refused[(int)status]) == 1)
        {
            LogRefused(_logger, Name, direction, length, address, status);
        }
    }

    private void Update() =>
        Context.SetFlags(DmaFlags.Of(_ordering, _busMaster, Observer is not null || Translator is not null || Initiator is not null || _mutations.Count > 0));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Initiator}: DMA {Direction} of {Length} bytes at {Address:X} refused ({Status}); more of these are counted only")]
    private static partial void LogRefused(ILogger logger, string initiator, DmaDirection direction, int length, ulong address, DmaStatus status);
}
