using System.Runtime.CompilerServices;

namespace Emulator.Memory;

/// <summary>A device's only way to guest memory: ordered by default, the bus saying how.</summary>
/// <remarks>
/// <para>Belongs to one initiator and is used on one thread at a time, <see cref="SendMessage"/> apart. The owner changes ordering and bus mastering
/// from any thread; the next access sees it, and an access under way that is longer than a page fails the rest.</para>
/// <para>The plain form of an access is the ordered one. The fence comes before the access, so none of the bus's stands
/// behind the last one. No method throws at what a guest did; each returns what became of the access, and a read that
/// failed leaves 0xFF in what it did not read.</para>
/// </remarks>
public sealed unsafe partial class DmaContext
{
    // The position of a fence in the row of the flags word: the last direction plus the next one.
    private const int NextRead = 0;
    private const int NextWrite = 3;
    private const int Unknown = 0;
    private const int AfterRead = 6;
    private const int AfterWrite = 12;
    private const int NoFence = -1;

    private const ulong OffsetInPage = RamBlock.PageSize - 1;

    private readonly GuestMemory _memory;

    // The owner's word: six fences of three bits, bus mastering, and whether anything is attached.
    private int _flags;

    // What follows is the initiator's own and belongs to its thread. Unknown is also what is last after a map or an
    // unmap, a relaxed or a refused access, a change of the flags word (ordering, bus mastering, observer, translator).
    // The flags word if it allows the short path and was there at the last access, else never equal to it.
    private int _steady = DmaFlags.Never;
    private int _seen = DmaFlags.Never;
    private int _last = Unknown;

    // The RAM range of the last access. Forgotten when the map changes or something is attached.
    private AddressMap? _map;
    private ulong _first;
    private ulong _size;
    private byte* _host;
    private byte* _codeMap;

    internal DmaContext(GuestMemory memory, DmaContextOwner owner, int flags)
    {
        (_memory, Owner, _flags) = (memory, owner, flags);
    }

    /// <summary>The ordering in force.</summary>
    public DmaOrdering Ordering => DmaFlags.Ordering(Volatile.Read(ref _flags));

    /// <summary>True while the function may be a bus master.</summary>
    public bool IsBusMaster => (Volatile.Read(ref _flags) & DmaFlags.BusMaster) != 0;

    internal DmaContextOwner Owner { get; }

    /// <summary>Reads bytes, ascending; up to 64 by aligned words, each once.</summary>
    /// <param name="address">Any alignment.</param>
    /// <param name="data">Takes them.</param>
    public DmaStatus Read(ulong address, Span<byte> data) =>
        Enter(NextRead) ? ReadBytes(address, data) : RefuseRead(address, data);

    /// <summary>As <see cref="Read"/>, without a fence.</summary>
    public DmaStatus ReadRelaxed(ulong address, Span<byte> data) =>
        EnterRelaxed() ? ReadBytes(address, data) : RefuseRead(address, data);

    /// <summary>Writes bytes, ascending; up to 64 by aligned words, each once. Longer copies may be seen in any order and bytes of them stored twice.</summary>
    /// <param name="address">Any alignment.</param>
    /// <param name="data">The bytes. No word that hands something over belongs in them: see <see cref="Publish{T}(ulong, T)"/>.</param>
    public DmaStatus Write(ulong address, ReadOnlySpan<byte> data) =>
        Enter(NextWrite) ? WriteBytes(address, data) : Refuse(DmaDirection.Write, address, data.Length);

    /// <summary>As <see cref="Write"/>, without a fence.</summary>
    public DmaStatus WriteRelaxed(ulong address, ReadOnlySpan<byte> data) =>
        EnterRelaxed() ? WriteBytes(address, data) : Refuse(DmaDirection.Write, address, data.Length);

    /// <summary>Reads a word: single-copy atomic if aligned, otherwise by aligned parts, ascending.</summary>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    /// <param name="address">A multiple of the size, unless the guest chose it.</param>
    /// <param name="value">The word; all ones where it was not read.</param>
    public DmaStatus Load<T>(ulong address, out T value)
        where T : unmanaged =>
        Enter(NextRead) ? LoadWord(address, out value) : RefuseLoad(address, out value);

    /// <summary>As <see cref="Load"/>, without a fence.</summary>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    public DmaStatus LoadRelaxed<T>(ulong address, out T value)
        where T : unmanaged =>
        EnterRelaxed() ? LoadWord(address, out value) : RefuseLoad(address, out value);

    /// <summary>Writes a word, exactly once: single-copy atomic if aligned, otherwise by aligned parts, ascending.</summary>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    /// <param name="address">A multiple of the size, unless the guest chose it.</param>
    /// <param name="value">The word.</param>
    public DmaStatus Store<T>(ulong address, T value)
        where T : unmanaged =>
        Enter(NextWrite) ? StoreWord(address, value) : Refuse(DmaDirection.Write, address, sizeof(T));

    /// <summary>As <see cref="Store"/>, without a fence.</summary>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    public DmaStatus StoreRelaxed<T>(ulong address, T value)
        where T : unmanaged =>
        EnterRelaxed() ? StoreWord(address, value) : Refuse(DmaDirection.Write, address, sizeof(T));

    /// <summary>The store that hands something over: everything this context did before is visible before it, whatever the bus orders.</summary>
    /// <remarks>The bus's own fence stands before it as before any write. Stored exactly once if aligned.</remarks>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    /// <param name="address">A multiple of the size, unless the guest chose it: then the parts together come last, but each by itself.</param>
    /// <param name="value">The word.</param>
    public DmaStatus Publish<T>(ulong address, T value)
        where T : unmanaged
    {
        if (!Enter(NextWrite))
        {
            return Refuse(DmaDirection.Write, address, sizeof(T));
        }

        if (_steady == DmaFlags.Never)
        {
            Issue(DmaFence.Release);
        }

        Fences.Release();
        return StoreWord(address, value);
    }

    /// <summary>Reads before it stay before reads after it, and before writes after it.</summary>
    public void ReadBarrier()
    {
        Issue(DmaFence.LoadLoad);
        Fences.LoadLoad();
    }

    /// <summary>Writes before it stay before writes after it.</summary>
    public void WriteBarrier()
    {
        Issue(DmaFence.StoreStore);
        Fences.StoreStore();
    }

    /// <summary>Everything before it stays before everything after it.</summary>
    public void FullBarrier()
    {
        Issue(DmaFence.Full);
        Fences.Full();
    }

    /// <summary>
    /// Has the next access stand behind an unknown one, as the first does. A context belongs to one I/O thread; a device
    /// that moves to another calls this there, after whatever handed it over and before its first access.
    /// </summary>
    public void Forget() => _last = Unknown;

    internal void SetFlags(int flags) => Volatile.Write(ref _flags, flags);

    // One comparison decides: nothing attached, bus master, the ordering the last direction was kept under.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Enter(int next)
    {
        var flags = Volatile.Read(ref _flags);
        if (flags != _steady && !Settle(flags, next))
        {
            return false;
        }

        Fences.Issue((DmaFence)((flags >> (_last + next)) & 7));
        _last = AfterRead + (next * 2);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool EnterRelaxed()
    {
        var flags = Volatile.Read(ref _flags);
        if (flags != _steady && !Settle(flags, NoFence))
        {
            return false;
        }

        _last = Unknown;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Settle(int flags, int next)
    {
        if (flags != _seen)
        {
            // What was done under another ordering had other fences, or none.
            (_seen, _last) = (flags, Unknown);
        }

        _steady = (flags & (DmaFlags.BusMaster | DmaFlags.Attached)) == DmaFlags.BusMaster ? flags : DmaFlags.Never;
        if ((flags & DmaFlags.BusMaster) == 0)
        {
            return false;
        }

        if (_steady == DmaFlags.Never)
        {
            // Without a remembered range each access takes the path that translates and tells.
            _map = null;
            Owner.Observer?.Begin(relaxed: next == NoFence);
            if (next != NoFence)
            {
                Issue((DmaFence)((flags >> (_last + next)) & 7));
            }

            Owner.Initiator?.BeginAccess();
        }

        return true;
    }

    // The host address of a piece inside one page of the remembered RAM, or null.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Remembered(ulong address, int length)
    {
        var offset = address - _first;
        return _map == _memory.Map && offset < _size && (uint)(length - 1) < (uint)(RamBlock.PageSize - (offset & OffsetInPage))
            ? _host + offset
            : null;
    }

    private DmaStatus ReadBytes(ulong address, Span<byte> data)
    {
        var host = Remembered(address, data.Length);
        if (host == null)
        {
            return ReadPieces(address, data);
        }

        GuestWords.CopyOut(host, data);
        return DmaStatus.Ok;
    }

    private DmaStatus WriteBytes(ulong address, ReadOnlySpan<byte> data)
    {
        var host = Remembered(address, data.Length);
        if (host == null)
        {
            return WritePieces(address, data);
        }

        GuestWords.CopyIn(host, data);
        LookForWatch(address);
        return DmaStatus.Ok;
    }

    private DmaStatus LoadWord<T>(ulong address, out T value)
        where T : unmanaged
    {
        CheckWord<T>();
        if ((address & (ulong)(sizeof(T) - 1)) == 0)
        {
            var host = Remembered(address, sizeof(T));
            if (host != null)
            {
                var word = GuestWords.Load(host, sizeof(T));
                value = Unsafe.As<ulong, T>(ref word);
                return DmaStatus.Ok;
            }
        }

        ulong bytes = 0;
        var status = ReadPieces(address, new Span<byte>(&bytes, sizeof(T)));
        value = Unsafe.As<ulong, T>(ref bytes);
        return status;
    }

    private DmaStatus StoreWord<T>(ulong address, T value)
        where T : unmanaged
    {
        CheckWord<T>();
        if ((address & (ulong)(sizeof(T) - 1)) == 0)
        {
            var host = Remembered(address, sizeof(T));
            if (host != null)
            {
                GuestWords.Store(host, sizeof(T), Widen(value));
                LookForWatch(address);
                return DmaStatus.Ok;
            }
        }

        return WritePieces(address, new ReadOnlySpan<byte>(&value, sizeof(T)));
    }

    // After the store, never before it: see RamBlock.CodeMap.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LookForWatch(ulong address)
    {
        var pageByte = _codeMap + ((address - _first) / RamBlock.PageSize);
        if (Volatile.Read(ref *pageByte) != 0)
        {
            _memory.NotifyWritten(pageByte, address);
        }
    }

    private static ulong Widen<T>(T value)
        where T : unmanaged => sizeof(T) switch
        {
            1 => Unsafe.BitCast<T, byte>(value),
            2 => Unsafe.BitCast<T, ushort>(value),
            4 => Unsafe.BitCast<T, uint>(value),
            _ => Unsafe.BitCast<T, ulong>(value),
        };

    // A mistake in a device, not in a guest; the test is gone once compiled.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckWord<T>()
        where T : unmanaged
    {
        if (sizeof(T) is not (1 or 2 or 4 or 8))
        {
            ThrowNoWord(typeof(T));
        }
    }

    private static void ThrowNoWord(Type type) => throw new NotSupportedException($"{type} is no word of 1, 2, 4 or 8 bytes.");
}
