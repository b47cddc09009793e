using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Cpu;

// RAM under a simulated memory model: every access goes through the vCPU's store buffer, so none through the TLB.
internal sealed unsafe partial class SlowMemory
{
    private const int Translations = 256;

    private readonly Initiator? _initiator = vcpu.Initiator;

    // What the TLB is for other RAM; it may not hold such pages, as a handler that finds one goes past the buffer.
    private readonly CachedTranslation[] _translations = vcpu.Initiator is null ? [] : new CachedTranslation[Translations];

    private bool _holdsUpdate;
    private byte* _host;

    /// <summary>
    /// Makes the vCPU's stores visible: MFENCE, LOCKed and serialising instructions, accesses to ports and registers
    /// (SDM volume 3, 12.2.2, 12.3). Others may run meanwhile.
    /// </summary>
    public void Drain()
    {
        if (_initiator is { IsEmpty: false } initiator)
        {
            vcpu.LeaveGuest();
            initiator.Fence(DmaFence.Full);
            vcpu.EnterGuest();
        }
    }

    private bool IsSimulated(ulong physical) => _initiator is { } initiator && initiator.Memory.Covers(physical);

    private ulong LoadRam(byte* host, ulong physical, int size)
    {
        if (!IsSimulated(physical))
        {
            return LoadHost(host, size);
        }

        vcpu.LeaveGuest();
        var value = _initiator!.Load(host, physical, size);
        vcpu.EnterGuest();
        return value;
    }

    private void StoreRam(byte* host, byte* pageByte, ulong physical, int size, ulong value)
    {
        if (!IsSimulated(physical))
        {
            StoreHost(host, size, value);
            return;
        }

        vcpu.LeaveGuest();
        _initiator!.Store(host, pageByte, physical, size, value);
        vcpu.EnterGuest();
        if ((Volatile.Read(ref *pageByte) & ~RamBlock.Watched) != 0)
        {
            // A processor executes what it has written, and whoever drops code must find the new bytes.
            Drain();
        }
    }

    // From here to EndUpdate the operand is the vCPU's alone.
    private void BeginUpdate(byte* host, int size)
    {
        vcpu.LeaveGuest();
        _initiator!.BeginUpdate(host, size);
        vcpu.EnterGuest();
        _holdsUpdate = true;
    }

    private void EndUpdate(byte* host, ulong physical, int size)
    {
        if (_holdsUpdate)
        {
            _holdsUpdate = false;
            _initiator!.EndUpdate(host, physical, size);
        }
    }

    // A handler reaches such a page as it reaches registers: on a buffer; one that is LOCKed, in place, alone with it.
    private Prepared PrepareSimulated(ulong linear, int size, OperandAccess access, byte* host)
    {
        if (access == OperandAccess.Locked)
        {
            _host = host;
            BeginUpdate(host, size);
            PutUp(linear, size, access, host, buffered: false);
            return Prepared.Once;
        }

        if (access != OperandAccess.Store)
        {
            Unsafe.WriteUnaligned(buffer, LoadRam(host, _physical, size));
        }

        PutUp(linear, size, access, buffer, buffered: true);
        return Prepared.Once;
    }

    private bool TranslateSimulated(ulong linear, bool write, bool system, out PageTranslation translation)
    {
        var page = linear >> 12;
        ref var cached = ref _translations[page % Translations];
        if (!system && cached.Page == page && cached.Generation == cpu->JumpTag && cached.Tlb == cpu->Tlb && (cached.IsWritable || !write))
        {
            translation = cached.Translation.At(linear);
            return true;
        }

        // The walk reads the tables past the buffer; what the vCPU has stored there must be in them.
        Drain();
        if (!Walk(linear, write, system, out translation))
        {
            return false;
        }

        if (!system)
        {
            cached = new CachedTranslation { Page = page, Generation = cpu->JumpTag, Tlb = cpu->Tlb, IsWritable = write, Translation = translation };
        }

        return true;
    }

    private struct CachedTranslation
    {
        public ulong Page;
        public ulong Generation;
        public TlbEntry* Tlb;
        public PageTranslation Translation;
        public bool IsWritable;
    }
}
