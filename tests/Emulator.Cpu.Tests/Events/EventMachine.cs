using Emulator.Memory;
using Iced.Intel;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Cpu.Tests.Events;

/// <summary>
/// A vCPU over two MiB at CPL 0, in real mode, 32-bit protected mode or 64-bit mode, with a handler for each vector
/// that halts. Linear addresses are physical ones; in 64-bit mode <see cref="LastPage"/> is mapped as well.
/// </summary>
internal sealed class EventMachine : IDisposable
{
    public const ulong Code = 0x10000;
    public const ulong Data = 0x20000;
    public const ulong StackTop = 0x9000;

    /// <summary>The last page of the lower half of 64-bit addresses, physically at <see cref="LastPageFrame"/>.</summary>
    public const ulong LastPage = 0x7FFF_FFFF_F000;
    public const ulong LastPageFrame = 0x30000;

    public const ushort CodeSelector = 0x08;
    public const ushort DataSelector = 0x10;
    public const ushort UserCodeSelector = 0x2B;
    public const ushort UserDataSelector = 0x23;
    public const ulong SystemCallTarget = 0x18000;

    private const ulong Gdt = 0x1000;
    private const ulong Idt = 0x2000;
    private const ulong Handlers = 0x3000;
    private const byte Hlt = 0xF4;
    private readonly RamBlock _ram = new("ram", 2 << 20);
    private readonly int _bits;

    /// <param name="bits">16 for real mode, 32 or 64.</param>
    public EventMachine(int bits)
    {
        _bits = bits;
        Memory = new GuestMemory();
        Memory.AddRam("ram", 0, _ram, 0, _ram.Size);
        Vcpu = new Vcpu(0, Memory, NullLogger.Instance);
        var code = bits switch { 64 => 0xA09B, 32 => 0xC09B, _ => 0x009B };
        var data = bits == 16 ? 0x0093 : 0xC093;
        Write(Gdt + CodeSelector, 8, Descriptor(code));
        Write(Gdt + DataSelector, 8, Descriptor(data));
        Write(Gdt + (UserCodeSelector & ~7U), 8, Descriptor(code | 0x60));
        Write(Gdt + (UserDataSelector & ~7U), 8, Descriptor(data | 0x60));
        for (var vector = 0UL; vector < 256; vector++)
        {
            var handler = Handlers + vector * 16;
            Write(handler, 1, Hlt);
            var gate = handler & 0xFFFF | CodeSelector << 16 | 0x8EUL << 40 | handler >> 16 << 48;
            _ = bits switch
            {
                16 => Write(vector * 4, 4, handler),
                32 => Write(Idt + vector * 8, 8, gate),
                _ => Write(Idt + vector * 16, 8, gate),
            };
        }

        Change((ref VcpuState state) => Fill(ref state, (ushort)code, (ushort)data));
    }

    public delegate void Changer(ref VcpuState state);

    public GuestMemory Memory { get; }

    public Vcpu Vcpu { get; }

    public VcpuState State => Vcpu.GetState();

    /// <summary>Changes the architectural state.</summary>
    public void Change(Changer change)
    {
        var state = Vcpu.GetState();
        change(ref state);
        Vcpu.SetState(state);
    }

    /// <summary>Assembles code behind which HLT stands, and points the vCPU at it.</summary>
    public void Start(Action<Assembler> write, ulong linear = Code, ulong? physical = null)
    {
        var assembler = new Assembler(_bits);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), linear);
        Start([.. stream.ToArray(), Hlt], linear, physical);
    }

    /// <summary>The same with bytes, and nothing behind them.</summary>
    public void Start(ReadOnlySpan<byte> bytes, ulong linear = Code, ulong? physical = null)
    {
        Memory.Write(physical ?? linear, bytes);
        Change((ref VcpuState state) => state.Rip = linear - state.Segments[(int)SegmentName.Cs].Base);
    }

    /// <summary>Runs to the next HLT.</summary>
    /// <returns>The vector in whose handler it stands, or −1.</returns>
    public int RunToHalt()
    {
        Assert.Equal(ExitReason.Hlt, Vcpu.Run());
        var at = State.Rip - 1;
        return State.Segments[(int)SegmentName.Cs].Base == 0 && at is >= Handlers and < Handlers + 0x1000 ? (int)(at - Handlers) / 16 : -1;
    }

    /// <summary>An entry of the frame in a handler: 0 IP, 1 CS, 2 flags, or one further if there is an error code.</summary>
    public ulong Frame(int entry) => Read(State.Gpr[4] + (ulong)(entry * _bits / 8), _bits / 8);

    /// <summary>Leaves a handler: drops the frame with its error code and goes on at its IP with its flags.</summary>
    public void Return(bool hasErrorCode = false)
    {
        var first = hasErrorCode ? 1 : 0;
        var (ip, flags) = (Frame(first), Frame(first + 2));
        var pointer = _bits == 64 ? Frame(first + 3) : State.Gpr[4] + (ulong)((first + 3) * _bits / 8);
        Change((ref VcpuState state) =>
        {
            state.Rip = ip;
            state.Rflags = flags;
            state.Gpr[4] = pointer;
        });
    }

    public bool Write(ulong address, int size, ulong value) => Memory.Write(address, size, value) == BusStatus.Ok;

    public ulong Read(ulong address, int size)
    {
        Memory.Read(address, size, out var value);
        return value;
    }

    public void Dispose()
    {
        Vcpu.Dispose();
        Memory.Dispose();
        _ram.Dispose();
    }

    private static ulong Descriptor(int attributes) => 0xFFFF | 0xFUL << 48 | (ulong)attributes << 40;

    private void Fill(ref VcpuState state, ushort code, ushort data)
    {
        state.Cr0 = _bits switch { 16 => 0x10UL, 32 => 0x11, _ => 0x8000_0011 };
        state.Rflags = Rflags.Fixed;
        state.Gpr[4] = StackTop;
        state.GdtBase = Gdt;
        state.GdtLimit = 0x2F;
        state.IdtBase = _bits == 16 ? 0 : Idt;
        state.IdtLimit = 0xFFF;
        for (var i = 0; i < 6; i++)
        {
            state.Segments[i] = new Segment { Limit = _bits == 16 ? 0xFFFF : uint.MaxValue, Attributes = data, Selector = (ushort)(_bits == 16 ? 0 : DataSelector) };
        }

        ref var cs = ref state.Segments[(int)SegmentName.Cs];
        cs.Attributes = code;
        cs.Selector = (ushort)(_bits == 16 ? Code >> 4 : CodeSelector);
        cs.Base = _bits == 16 ? Code : 0;
        if (_bits == 64)
        {
            MapLong();
            state.Cr3 = 0x4000;
            state.Cr4 = Cr4.PhysicalAddressExtension;
            state.Efer = Efer.LongModeEnable | Efer.LongModeActive | Efer.SystemCallEnable;
        }
    }

    private void MapLong()
    {
        const ulong Flags = 7;
        const ulong Large = 0x80;
        Write(0x4000, 8, 0x5000 | Flags);
        Write(0x5000, 8, 0x6000 | Flags);
        Write(0x6000, 8, Large | Flags);
        Write(0x4000 + 255 * 8, 8, 0xA000 | Flags);
        Write(0xA000 + 511 * 8, 8, 0xB000 | Flags);
        Write(0xB000 + 511 * 8, 8, 0xC000 | Flags);
        Write(0xC000 + 511 * 8, 8, LastPageFrame | Flags);
    }
}
