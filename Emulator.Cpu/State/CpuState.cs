using System.Runtime.InteropServices;

namespace Emulator.Cpu;

/// <summary>
/// Everything one vCPU's handlers touch, in one block of native memory: registers first, at small constant
/// offsets, then lazy flags, system registers and the software TLBs.
/// </summary>
/// <remarks>
/// Owned by the vCPU's thread. Other threads write <see cref="Attention"/> only.
/// RIP is not kept from instruction to instruction: it is <see cref="PageIp"/> plus the running op's
/// <see cref="Op.PageOffset"/>, and <see cref="Rip"/> holds it whenever slow code runs.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CpuState
{
    /// <summary>RAX … R15 in the encoding's order.</summary>
    public fixed ulong Gpr[16];

    /// <summary>Always 0: the base or index of an address that has none.</summary>
    public ulong Zero;

    /// <summary>The RIP that belongs to offset 0 of the linear page being executed; the base of RIP-relative addresses.</summary>
    public ulong PageIp;

    /// <summary>Instructions left before the run loop must look up; every block's end takes its length off.</summary>
    public long Budget;

    /// <summary>The last flag-setting result, sign-extended to 64 bits: ZF, SF and PF come from it.</summary>
    public ulong FlagResult;

    /// <summary>
    /// The carries of that operation: CF is bit 63, OF is bit 63 ^ bit 62, AF is bit 35. Bit 0 flips SF and bit 1
    /// flips PF, for the combinations that POPF and its like can load and no result has.
    /// </summary>
    public ulong FlagCarry;

    /// <summary>RFLAGS without the six arithmetic flags (CF PF AF ZF SF OF, which are lazy); bit 1 is set.</summary>
    public ulong SystemFlags;

    /// <summary>The TLB set in use: one of the three in this block, by privilege and SMAP.</summary>
    public TlbEntry* Tlb;

    /// <summary>Names the present mode and translations: a link across pages holds only while it is the one it was made under.</summary>
    public ulong JumpTag;

    /// <summary>The jump cache, <see cref="JumpEntry.Count"/> entries.</summary>
    public JumpEntry* JumpEntries;

    /// <summary>The three TLB sets; see <see cref="TlbSet"/>.</summary>
    public TlbEntry* TlbSets;

    /// <summary>Which of their entries are not global.</summary>
    public TlbFills* TlbFills;

    /// <summary>The op to go on with at <see cref="Rip"/>, if its block still stands; otherwise null. It is a block's first, unless the vCPU exits for an access of the op.</summary>
    public Op* Resume;

    /// <summary>Accesses outside RAM that the unfinished instruction has made; see <see cref="BusLog"/>.</summary>
    public int BusLogCount;

    /// <summary>The instruction pointer, valid in slow code only.</summary>
    public ulong Rip;

    /// <summary>Set by any thread: the run loop should leave the fast path at the next budget check.</summary>
    public int Attention;

    /// <summary>Current privilege level, 0–3.</summary>
    public int Cpl;

    /// <summary>The decoder's mode: see <see cref="CodeMode"/>.</summary>
    public uint Mode;

    /// <summary>Nonzero for the one instruction after STI, MOV SS or POP SS: a value of <see cref="Emulator.Cpu.InterruptShadow"/>.</summary>
    public int InterruptShadow;

    /// <summary>Nonzero: slow code wants the run loop to look behind the present instruction. Set on a breakpoint's hit and when decoded code was dropped.</summary>
    public int StopBehind;

    /// <summary>DR6 bits of the data and I/O breakpoints that the instruction in progress has hit.</summary>
    public ulong DebugHits;

    /// <summary>Nonzero while an instruction runs that a single-step trap follows; entering a handler takes it back.</summary>
    public int StepTrap;

    /// <summary>Nonzero from a string instruction that stopped between two iterations to the next instruction: frames show RF.</summary>
    public int Unfinished;

    /// <summary>An exception raised and not yet delivered.</summary>
    public PendingFault Fault;

    // Segment registers ES CS SS DS FS GS LDTR TR (each 16 bytes), then the tables.
    public SegmentRegisters Segments;
    public ulong GdtBase;
    public ulong IdtBase;
    public uint GdtLimit;
    public uint IdtLimit;

    public ulong Cr0;
    public ulong Cr2;
    public ulong Cr3;
    public ulong Cr4;
    public ulong Cr8;
    public ulong Efer;
    public fixed ulong Dr[8];

    /// <summary>The four page-directory-pointer entries that a CR3 load caches in PAE paging (SDM volume 3, 4.4.1).</summary>
    public fixed ulong Pdpte[4];

    // Model-specific registers that the interpreter's own instructions use.
    public ulong Star;
    public ulong Lstar;
    public ulong Cstar;
    public ulong Sfmask;
    public ulong KernelGsBase;
    public ulong SysenterCs;
    public ulong SysenterEsp;
    public ulong SysenterEip;
    public ulong ApicBase;
    public ulong TscAux;
    public ulong TscOffset;

    /// <summary>GC handle of the <see cref="Vcpu"/> around this block.</summary>
    public nint Owner;

    /// <summary>Guest instructions retired.</summary>
    public long InstructionCount;

    /// <summary>Registers and settings that no instruction's fast path asks for; native memory that the vCPU owns.</summary>
    public ModelSpecificState* ModelSpecific;

    /// <summary>PAUSEs until the host thread gives way to others.</summary>
    public long PausesLeft;

    /// <summary>Nonzero: the time-stamp counter counts <see cref="InstructionCount"/>, not the host's time.</summary>
    public int TscFromInstructions;

    /// <summary>What INVLPG must know of large pages.</summary>
    public LargePages LargePages;
    /// <summary>Nonzero from the delivery of an NMI to the next IRET: further ones wait.</summary>
    public int NmiBlocked;
}

/// <summary>What holds interrupts off behind an instruction (SDM volume 3, 6.8.3).</summary>
internal static class InterruptShadow
{
    /// <summary>STI: maskable interrupts and NMIs.</summary>
    public const int Sti = 1;

    /// <summary>MOV SS and POP SS: those, and debug exceptions too.</summary>
    public const int StackLoad = 2;
}

/// <summary>An exception on its way to the guest.</summary>
internal struct PendingFault
{
    /// <summary>True from raise to delivery.</summary>
    public bool IsPending;

    /// <summary>True if an error code is pushed.</summary>
    public bool HasErrorCode;

    /// <summary>True for INT n, INT3, INTO: gate DPL is checked, RIP is behind the instruction.</summary>
    public bool IsSoftware;

    /// <summary>True for an interrupt that came from outside (INTR or NMI); EXT is set in error codes that its delivery raises.</summary>
    public bool IsExternal;

    /// <summary>0–255.</summary>
    public byte Vector;

    /// <summary>The error code, if any.</summary>
    public uint ErrorCode;
}

/// <summary>One translation: a linear page's tag and what to add to a linear address to get a host address.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TlbEntry
{
    /// <summary>Linear address of the page, or <see cref="Invalid"/>.</summary>
    public ulong Tag;

    /// <summary>Host address minus linear address.</summary>
    public ulong Addend;

    /// <summary>A tag no access can match: the low bits are never set in a compared address.</summary>
    public const ulong Invalid = 1;
}

/// <summary>A remembered target of an indirect jump.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal unsafe struct JumpEntry
{
    /// <summary>Entries in the cache, a power of two.</summary>
    public const int Count = 4096;

    /// <summary>Where a RIP is looked for.</summary>
    public static ulong IndexOf(ulong ip) => (ip ^ ip >> 12) % Count;

    /// <summary>The RIP.</summary>
    public ulong Ip;

    /// <summary>The <see cref="CpuState.JumpTag"/> under which the entry holds; 0, that of an empty entry, never is one.</summary>
    public ulong Tag;

    /// <summary>First op of the block there.</summary>
    public Op* Target;
}

/// <summary>A decoded instruction: 32 bytes, read by its handler.</summary>
/// <remarks>
/// Register fields are byte offsets into <see cref="CpuState"/>, so that a handler adds and loads. The next
/// op in memory is the next instruction; after a block's last op stand its links.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct Op
{
    /// <summary>Executes the op and all that follow; returns null to the run loop.</summary>
    [FieldOffset(0)] public delegate*<CpuState*, Op*, Op*> Handler;

    /// <summary>Displacement of the memory operand (RIP-relative ones hold it from the page's start).</summary>
    [FieldOffset(8)] public long Disp;

    /// <summary>In a link: the op to go on with; within a page the link itself until that is decoded.</summary>
    [FieldOffset(8)] public Op* Target;

    /// <summary>In a link to another page: the <see cref="CpuState.JumpTag"/> under which it holds; 0 never matches.</summary>
    [FieldOffset(16)] public ulong Tag;

    /// <summary>In a link to another page: the target's RIP relative to <see cref="CpuState.PageIp"/>.</summary>
    [FieldOffset(24)] public long Relative;

    /// <summary>Immediate, sign-extended to 64 bits; a branch's target relative to <see cref="CpuState.PageIp"/>.</summary>
    [FieldOffset(16)] public long Imm;

    /// <summary>Destination register.</summary>
    [FieldOffset(24)] public byte Dst;

    /// <summary>Source register.</summary>
    [FieldOffset(25)] public byte Src;

    /// <summary>Base register of the memory operand, or <see cref="CpuState.Zero"/>.</summary>
    [FieldOffset(26)] public byte Base;

    /// <summary>Index register of the memory operand, or <see cref="CpuState.Zero"/>.</summary>
    [FieldOffset(27)] public byte Index;

    /// <summary>Bits 0–1: log2 of the index scale. Bits 2–4: <see cref="SegmentName"/>. Bit 5: there is a memory operand. Bits 6–7: log2 of the address size in words (16, 32, 64 bits).</summary>
    [FieldOffset(28)] public byte ScaleSegment;

    /// <summary>Length of the instruction in bytes, 1–15.</summary>
    [FieldOffset(29)] public byte Length;

    /// <summary>Offset of the instruction's first byte in its page, 0–4095.</summary>
    [FieldOffset(30)] public ushort PageOffset;
}
