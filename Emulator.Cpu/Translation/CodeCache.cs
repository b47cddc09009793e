using Emulator.Cpu.Interpreter;
using Emulator.Memory;

namespace Emulator.Cpu.Translation;

/// <summary>
/// The blocks one vCPU has decoded, by physical address and mode, and the way from a RIP to one of them.
/// </summary>
internal sealed unsafe class CodeCache : IDisposable
{
    private readonly Vcpu _vcpu;
    private readonly CpuState* _cpu;
    private readonly GuestMemory _memory;
    private readonly Translator _translator;
    private readonly CodeArena _arena = new();
    private readonly Dictionary<ulong, Block> _blocks = [];
    private readonly Dictionary<ulong, CodePage> _pages = [];
    private ulong _lastPage = ulong.MaxValue;
    private CodePage? _last;

    public CodeCache(Vcpu vcpu, CpuState* cpu, GuestMemory memory, Translator translator)
    {
        _vcpu = vcpu;
        _cpu = cpu;
        _memory = memory;
        _translator = translator;
    }

    /// <summary>Finds or decodes the block at a RIP and enters it in the jump cache; sets <see cref="CpuState.PageIp"/>.</summary>
    /// <returns>The block's first op, or null with a fault pending.</returns>
    public Op* Find(ulong ip)
    {
        var block = Locate(ip);
        if (block.First == null)
        {
            return null;
        }

        _cpu->PageIp = ip - block.First->PageOffset;
        if (!block.Straddles)
        {
            var entry = _cpu->JumpEntries + JumpEntry.IndexOf(ip);
            entry->Ip = ip;
            entry->Tag = _cpu->JumpTag;
            entry->Target = block.First;
        }

        return block.First;
    }

    /// <summary>As <see cref="Find"/>, but asks the jump cache first, where RIP alone says which block it is.</summary>
    public Op* Recall(ulong ip)
    {
        var entry = _cpu->JumpEntries + JumpEntry.IndexOf(ip);
        if (HasLimit || entry->Ip != ip || entry->Tag != _cpu->JumpTag)
        {
            return Find(ip);
        }

        _cpu->PageIp = ip - entry->Target->PageOffset;
        return entry->Target;
    }

    /// <summary>Resolves a link within a page, for good unless the target crosses into the next page.</summary>
    public Op* LinkSamePage(CpuState* cpu, Op* link)
    {
        var tag = cpu->JumpTag;
        cpu->Rip = Handlers.IpOf(cpu, link);
        cpu->Resume = null;
        if (!BranchEnds.MayFollow(cpu, link, link->PageOffset))
        {
            return null;
        }

        var block = Locate(cpu->Rip);
        if (block.First != null && !block.Straddles && cpu->JumpTag == tag)
        {
            link->Target = block.First;
        }

        return block.First;
    }

    /// <summary>Resolves a link to another page for as long as mode and translations stay.</summary>
    public Op* LinkOtherPage(CpuState* cpu, Op* link)
    {
        var tag = cpu->JumpTag;
        var ip = cpu->PageIp + (ulong)link->Relative;
        var wraps = (cpu->Mode & (uint)(CodeMode.Code32 | CodeMode.Code64)) == 0 && !BranchEnds.IsSequential(link, link->Relative);
        var wrapped = wraps ? (ushort)ip : Handlers.MaskIp(cpu, ip);
        cpu->Rip = wrapped;
        cpu->Resume = null;
        if (!BranchEnds.MayFollow(cpu, link, link->Relative))
        {
            return null;
        }

        var block = Locate(wrapped);
        if (block.First == null)
        {
            return null;
        }

        if (!block.Straddles && cpu->JumpTag == tag && (wrapped == ip || (cpu->Mode & (uint)CodeMode.Code32) != 0))
        {
            link->Target = block.First;
            link->Tag = tag;
        }

        cpu->PageIp = wrapped - block.First->PageOffset;
        return block.First;
    }

    /// <summary>Drops everything decoded from a physical page.</summary>
    public void InvalidatePage(ulong physicalPage)
    {
        if (!_pages.Remove(physicalPage, out var page))
        {
            return;
        }

        _lastPage = ulong.MaxValue;
        foreach (var key in page.Blocks)
        {
            _blocks.Remove(key);
        }

        if (page.CodeMap != null)
        {
            CodePage.Count(page.CodeMap, -1);
        }

        _cpu->Resume = null;
        ModeTracker.NewGeneration(_cpu);
    }

    /// <summary>After a write by this vCPU: drops the page's code if the write touched any of it.</summary>
    /// <returns>True if code was dropped.</returns>
    public bool Written(ulong physical, int size)
    {
        if (_pages.TryGetValue(physical & ~0xFFFUL, out var page) && page.Overlaps((int)(physical & 0xFFF), size))
        {
            InvalidatePage(physical & ~0xFFFUL);
            return true;
        }

        return false;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        foreach (var page in _pages.Keys.ToArray())
        {
            InvalidatePage(page);
        }

        _blocks.Clear();
        _arena.Clear();
        new Span<JumpEntry>(_cpu->JumpEntries, JumpEntry.Count).Clear();
        _cpu->Resume = null;
        ModeTracker.NewGeneration(_cpu);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        _arena.Dispose();
    }

    private Block Locate(ulong ip)
    {
        var cpu = _cpu;
        if (!CheckFetch(ip, out var linear)
            || !Paging.Translate(cpu, _memory, linear, PageAccess.Execute, cpu->Cpl == 3, false, out var translation))
        {
            return default;
        }

        var physical = translation.Physical;
        var place = Place(ip);
        var key = (physical << ModeTracker.Bits | cpu->Mode) ^ place.Hash;
        if (_blocks.TryGetValue(key, out var block) && block.Place == place && (!block.Straddles || SecondPageHolds(linear, block)))
        {
            return block;
        }

        // Fetching does not look into the store buffer; a processor executes what it has written.
        _vcpu.Memory.Drain();
        return Decode(place, linear, physical, key);
    }

    private CodePlace Place(ulong ip)
    {
        ref var cs = ref _cpu->Segments[(int)SegmentName.Cs];
        return HasLimit ? new CodePlace(ip, cs.Base, cs.Limit) : new CodePlace(ip, 0, uint.MaxValue);
    }

    private bool HasLimit => (_cpu->Mode & (uint)(CodeMode.Code64 | CodeMode.Flat)) == 0;

    private bool CheckFetch(ulong ip, out ulong linear)
    {
        linear = ip;
        if ((_cpu->Mode & (uint)CodeMode.Code64) != 0)
        {
            return LinearAddress.IsCanonical(ip) || Fault.GeneralProtection(_cpu);
        }

        ref var cs = ref _cpu->Segments[(int)SegmentName.Cs];
        linear = (uint)(cs.Base + ip);
        return ip <= cs.Limit || Fault.GeneralProtection(_cpu);
    }

    private bool SecondPageHolds(ulong linear, in Block block)
    {
        var next = (linear & ~0xFFFUL) + 4096;
        return Paging.Translate(_cpu, _memory, Wrap(next), PageAccess.Execute, _cpu->Cpl == 3, false, out var second)
            && second.Physical == block.SecondPage;
    }

    private ulong Wrap(ulong linear) => (_cpu->Mode & (uint)CodeMode.Code64) != 0 ? linear : (uint)linear;

    private Block Decode(in CodePlace place, ulong linear, ulong physical, ulong key)
    {
        if (_arena.IsFull)
        {
            Clear();
        }

        var limit = HasLimit ? place.Limit - place.Ip : ulong.MaxValue;
        var first = PageOf(physical, out var host);
        var source = new CodeSource { Page = host, Offset = (int)(physical & 0xFFF), Limit = limit, Decoded = first };
        var result = _translator.Translate(ref source, (CodeMode)_cpu->Mode, _arena);
        if (result.NeedsSecondPage)
        {
            // The first instruction reaches into the next page, which may be elsewhere in memory or absent.
            if (!Paging.Translate(_cpu, _memory, Wrap((linear & ~0xFFFUL) + 4096), PageAccess.Execute, _cpu->Cpl == 3, false, out var next))
            {
                return default;
            }

            var second = PageOf(next.Physical, out var secondHost);
            source.SecondPage = secondHost;
            result = _translator.Translate(ref source, (CodeMode)_cpu->Mode, _arena);
            second.Mark(0, (int)((physical & 0xFFF) + (ulong)result.Length - 4096));
            second.Blocks.Add(key);
            first.Blocks.Add(key);
            return _blocks[key] = new Block { Place = place, First = result.First, Length = result.Length, Straddles = true, SecondPage = next.Physical };
        }

        if (result.CrossesLimit)
        {
            Fault.GeneralProtection(_cpu);
            return default;
        }

        first.Blocks.Add(key);
        return _blocks[key] = new Block { Place = place, First = result.First, Length = result.Length };
    }

    private CodePage PageOf(ulong physical, out byte* host)
    {
        var address = physical & ~0xFFFUL;
        ref readonly var range = ref _memory.Map.Find(address);
        host = range.Host != null ? range.Host + (address - range.First) : _vcpu.FloatingPage;
        if (address == _lastPage)
        {
            return _last!;
        }

        if (!_pages.TryGetValue(address, out var page))
        {
            var codeMap = range.Kind == RegionKind.Ram ? range.CodeMap + (address - range.First >> 12) : null;
            page = new CodePage(codeMap);
            _pages.Add(address, page);
            if (codeMap != null)
            {
                CodePage.Count(codeMap, 1);
                _vcpu.CodePageAdded(address);
            }
        }

        _lastPage = address;
        _last = page;
        return page;
    }

    private struct Block
    {
        public CodePlace Place;
        public Op* First;
        public ulong SecondPage;
        public int Length;
        public bool Straddles;
    }
}

/// <summary>
/// Where a block stands in the guest's eyes. Its links are made once and followed unchecked, so a block belongs to one
/// place: the same page elsewhere, or under another CS, has blocks of its own.
/// </summary>
/// <param name="Ip">The instruction pointer.</param>
/// <param name="Base">CS's base, where it counts.</param>
/// <param name="Limit">CS's limit, where it counts.</param>
internal readonly record struct CodePlace(ulong Ip, ulong Base, uint Limit)
{
    /// <summary>Spreads the places of one page over the table's keys.</summary>
    public ulong Hash => ((Ip >> 12) + (Base << 20) + ((ulong)Limit << 32)) * 0x9E37_79B9_7F4A_7C15;
}

/// <summary>The bytes that a block is decoded from.</summary>
internal unsafe struct CodeSource
{
    /// <summary>Host address of the page.</summary>
    public byte* Page;

    /// <summary>Host address of the page behind it; null until it is known to be needed.</summary>
    public byte* SecondPage;

    /// <summary>Told which bytes of the page were decoded.</summary>
    public CodePage? Decoded;

    /// <summary>Where in the page the block begins.</summary>
    public int Offset;

    /// <summary>Bytes from there to the last one that CS's limit lets be fetched.</summary>
    public ulong Limit;
}
