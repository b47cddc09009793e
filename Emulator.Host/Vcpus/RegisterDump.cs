using System.Globalization;
using System.Text;
using Emulator.Cpu;

namespace Emulator.Host.Vcpus;

/// <summary>A vCPU's registers as text.</summary>
internal static class RegisterDump
{
    private static readonly string[] s_general =
        ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8 ", "R9 ", "R10", "R11", "R12", "R13", "R14", "R15"];

    private static readonly string[] s_segments = ["ES", "CS", "SS", "DS", "FS", "GS", "LDT", "TR"];

    /// <summary>All registers a fault is explained by, in lines that end with line feeds.</summary>
    public static string Format(int index, in VcpuState state)
    {
        var text = new StringBuilder();
        var c = CultureInfo.InvariantCulture;
        text.Append(c, $"CPU {index}\n");
        for (var i = 0; i < s_general.Length; i++)
        {
            text.Append(c, $"{s_general[i]}={state.Gpr[i]:x16}{(i % 4 == 3 ? '\n' : ' ')}");
        }

        text.Append(c, $"RIP={state.Rip:x16} RFL={state.Rflags:x8} EFER={state.Efer:x}\n");
        for (var i = 0; i < s_segments.Length; i++)
        {
            ref readonly var segment = ref state.Segments[i];
            text.Append(c, $"{s_segments[i],-3}={segment.Selector:x4} {segment.Base:x16} {segment.Limit:x8} {segment.Attributes:x4}\n");
        }

        text.Append(c, $"GDT={state.GdtBase:x16} {state.GdtLimit:x4}  IDT={state.IdtBase:x16} {state.IdtLimit:x4}\n");
        text.Append(c, $"CR0={state.Cr0:x8} CR2={state.Cr2:x16} CR3={state.Cr3:x16} CR4={state.Cr4:x8}\n");
        return text.ToString();
    }
}
