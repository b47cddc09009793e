namespace Emulator.Host.Litmus;

/// <summary>The registers' names, by number.</summary>
internal static class LitmusRegisters
{
    /// <summary>How many a DMA column has.</summary>
    public const int OfDma = 8;

    private static readonly string[] s_vcpu = ["eax", "ebx", "ecx", "edx", "esi", "edi"];
    private static readonly string[] s_dma = ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"];

    /// <summary>Of a column of that kind.</summary>
    public static string[] Names(LitmusColumnKind kind) => kind == LitmusColumnKind.Vcpu ? s_vcpu : s_dma;
}
