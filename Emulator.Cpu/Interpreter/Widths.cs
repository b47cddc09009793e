namespace Emulator.Cpu.Interpreter;

/// <summary>
/// An operand size as a type argument. Values travel as <see cref="ulong"/>; those read are zero-extended, those
/// stored may have anything above the width.
/// </summary>
/// <remarks>
/// Guest memory is read by acquire and written by release accesses: on x86-64 they are plain moves, elsewhere they
/// give the guest the order that x86 promised it.
/// </remarks>
internal unsafe interface IWidth
{
    static abstract int Bytes { get; }

    static abstract ulong Mask { get; }

    static abstract ulong Load(byte* host);

    static abstract void Store(byte* host, ulong value);

    /// <summary>Atomically replaces a value and returns what was there.</summary>
    static abstract ulong Exchange(byte* host, ulong value);

    /// <summary>Atomically replaces <paramref name="expected"/> and returns what was there.</summary>
    static abstract ulong CompareExchange(byte* host, ulong value, ulong expected);

    static abstract ulong Get(CpuState* cpu, int offset);

    /// <summary>Writes a register: 32 bits clear the upper half, 8 and 16 are merged into the word (a narrow store followed by a wide load stalls).</summary>
    static abstract void Set(CpuState* cpu, int offset, ulong value);

    static abstract ulong SignExtend(ulong value);

    /// <summary>Moves a vector of carries to where <see cref="CpuState.FlagCarry"/> wants them.</summary>
    static abstract ulong CarryWord(ulong carries);
}

internal readonly unsafe struct W8 : IWidth
{
    public static int Bytes => 1;

    public static ulong Mask => 0xFF;

    public static ulong Load(byte* host) => Volatile.Read(ref *host);

    public static void Store(byte* host, ulong value) => Volatile.Write(ref *host, (byte)value);

    public static ulong Exchange(byte* host, ulong value) => Interlocked.Exchange(ref *host, (byte)value);

    public static ulong CompareExchange(byte* host, ulong value, ulong expected) =>
        Interlocked.CompareExchange(ref *host, (byte)value, (byte)expected);

    public static ulong Get(CpuState* cpu, int offset) => *((byte*)cpu + offset);

    public static void Set(CpuState* cpu, int offset, ulong value)
    {
        var word = (ulong*)((byte*)cpu + (offset & ~7));
        var shift = (offset & 1) * 8;
        *word = (*word & ~(0xFFUL << shift)) | (ulong)(byte)value << shift;
    }

    public static ulong SignExtend(ulong value) => (ulong)(sbyte)value;

    public static ulong CarryWord(ulong carries) => carries << 56 | (carries & 8) << 32;
}

internal readonly unsafe struct W16 : IWidth
{
    public static int Bytes => 2;

    public static ulong Mask => 0xFFFF;

    public static ulong Load(byte* host) => Volatile.Read(ref *(ushort*)host);

    public static void Store(byte* host, ulong value) => Volatile.Write(ref *(ushort*)host, (ushort)value);

    public static ulong Exchange(byte* host, ulong value) => Interlocked.Exchange(ref *(ushort*)host, (ushort)value);

    public static ulong CompareExchange(byte* host, ulong value, ulong expected) =>
        Interlocked.CompareExchange(ref *(ushort*)host, (ushort)value, (ushort)expected);

    public static ulong Get(CpuState* cpu, int offset) => *(ushort*)((byte*)cpu + offset);

    public static void Set(CpuState* cpu, int offset, ulong value)
    {
        var word = (ulong*)((byte*)cpu + offset);
        *word = (*word & ~0xFFFFUL) | (ushort)value;
    }

    public static ulong SignExtend(ulong value) => (ulong)(short)value;

    public static ulong CarryWord(ulong carries) => carries << 48 | (carries & 8) << 32;
}

internal readonly unsafe struct W32 : IWidth
{
    public static int Bytes => 4;

    public static ulong Mask => uint.MaxValue;

    public static ulong Load(byte* host) => Volatile.Read(ref *(uint*)host);

    public static void Store(byte* host, ulong value) => Volatile.Write(ref *(uint*)host, (uint)value);

    public static ulong Exchange(byte* host, ulong value) => Interlocked.Exchange(ref *(uint*)host, (uint)value);

    public static ulong CompareExchange(byte* host, ulong value, ulong expected) =>
        Interlocked.CompareExchange(ref *(uint*)host, (uint)value, (uint)expected);

    public static ulong Get(CpuState* cpu, int offset) => *(uint*)((byte*)cpu + offset);

    public static void Set(CpuState* cpu, int offset, ulong value) => *(ulong*)((byte*)cpu + offset) = (uint)value;

    public static ulong SignExtend(ulong value) => (ulong)(int)value;

    public static ulong CarryWord(ulong carries) => carries << 32;
}

internal readonly unsafe struct W64 : IWidth
{
    public static int Bytes => 8;

    public static ulong Mask => ulong.MaxValue;

    public static ulong Load(byte* host) => Volatile.Read(ref *(ulong*)host);

    public static void Store(byte* host, ulong value) => Volatile.Write(ref *(ulong*)host, value);

    public static ulong Exchange(byte* host, ulong value) => Interlocked.Exchange(ref *(ulong*)host, value);

    public static ulong CompareExchange(byte* host, ulong value, ulong expected) =>
        Interlocked.CompareExchange(ref *(ulong*)host, value, expected);

    public static ulong Get(CpuState* cpu, int offset) => *(ulong*)((byte*)cpu + offset);

    public static void Set(CpuState* cpu, int offset, ulong value) => *(ulong*)((byte*)cpu + offset) = value;

    public static ulong SignExtend(ulong value) => value;

    public static ulong CarryWord(ulong carries) => carries >> 62 << 62 | (carries & 8) << 32;
}

/// <summary>Whether anybody will look at an instruction's flags, as a type argument.</summary>
internal interface IFlags
{
    static abstract bool Live { get; }
}

/// <summary>Flags must be kept.</summary>
internal readonly struct LiveFlags : IFlags
{
    public static bool Live => true;
}

/// <summary>Flags are overwritten before anybody looks.</summary>
internal readonly struct DeadFlags : IFlags
{
    public static bool Live => false;
}
