namespace Emulator.Cpu.Interpreter;

/// <summary>
/// Which register a handler works on, as a type argument: a field of the op (any register) or one register by name.
/// The named ones fold to a constant offset in the compiled handler.
/// </summary>
internal unsafe interface IRegister
{
    /// <summary>Byte offset of the register in <see cref="CpuState"/>.</summary>
    static abstract int Offset(Op* op);
}

/// <summary>The register that <see cref="Op.Dst"/> names.</summary>
internal readonly unsafe struct DstField : IRegister
{
    public static int Offset(Op* op) => op->Dst;
}

/// <summary>The register that <see cref="Op.Src"/> names.</summary>
internal readonly unsafe struct SrcField : IRegister
{
    public static int Offset(Op* op) => op->Src;
}

/// <summary>The register that <see cref="Op.Base"/> names.</summary>
internal readonly unsafe struct BaseField : IRegister
{
    public static int Offset(Op* op) => op->Base;
}

/// <summary>The register that <see cref="Op.Index"/> names.</summary>
internal readonly unsafe struct IndexField : IRegister
{
    public static int Offset(Op* op) => op->Index;
}

internal readonly unsafe struct Rax : IRegister
{
    public static int Offset(Op* op) => 0;
}

internal readonly unsafe struct Rcx : IRegister
{
    public static int Offset(Op* op) => 8;
}

internal readonly unsafe struct Rdx : IRegister
{
    public static int Offset(Op* op) => 16;
}

internal readonly unsafe struct Rbx : IRegister
{
    public static int Offset(Op* op) => 24;
}

internal readonly unsafe struct Rsp : IRegister
{
    public static int Offset(Op* op) => 32;
}

internal readonly unsafe struct Rbp : IRegister
{
    public static int Offset(Op* op) => 40;
}

internal readonly unsafe struct Rsi : IRegister
{
    public static int Offset(Op* op) => 48;
}

internal readonly unsafe struct Rdi : IRegister
{
    public static int Offset(Op* op) => 56;
}

internal readonly unsafe struct R8 : IRegister
{
    public static int Offset(Op* op) => 64;
}

internal readonly unsafe struct R9 : IRegister
{
    public static int Offset(Op* op) => 72;
}

internal readonly unsafe struct R10 : IRegister
{
    public static int Offset(Op* op) => 80;
}

internal readonly unsafe struct R11 : IRegister
{
    public static int Offset(Op* op) => 88;
}

internal readonly unsafe struct R12 : IRegister
{
    public static int Offset(Op* op) => 96;
}

internal readonly unsafe struct R13 : IRegister
{
    public static int Offset(Op* op) => 104;
}

internal readonly unsafe struct R14 : IRegister
{
    public static int Offset(Op* op) => 112;
}

internal readonly unsafe struct R15 : IRegister
{
    public static int Offset(Op* op) => 120;
}

/// <summary>Offsets in <see cref="CpuState"/> that ops name.</summary>
internal static class RegisterOffset
{
    /// <summary><see cref="CpuState.Zero"/>.</summary>
    public const byte Zero = 128;

    /// <summary><see cref="CpuState.PageIp"/>.</summary>
    public const byte PageIp = 136;

    /// <summary>The named register types, in the encoding's order.</summary>
    public static readonly Type[] Named =
    [
        typeof(Rax), typeof(Rcx), typeof(Rdx), typeof(Rbx), typeof(Rsp), typeof(Rbp), typeof(Rsi), typeof(Rdi),
        typeof(R8), typeof(R9), typeof(R10), typeof(R11), typeof(R12), typeof(R13), typeof(R14), typeof(R15),
    ];
}
