using Microsoft.Extensions.Logging;

namespace Emulator.Cpu;

/// <summary>Instructions that this processor does not have, each named once in the log as it is executed.</summary>
public sealed unsafe partial class Vcpu
{
    /// <summary>A guest that executes random bytes is not to fill the log.</summary>
    private const int MaximumUnknown = 100;

    private readonly HashSet<string> _unknown = [];

    /// <summary>Names the instruction at RIP, whose op this is.</summary>
    internal void ReportUnknown(Op* op)
    {
        var linear = (_cpu->Mode & (uint)CodeMode.Code64) != 0
            ? _cpu->Rip
            : (uint)(_cpu->Rip + _cpu->Segments[(int)SegmentName.Cs].Base);
        Span<byte> bytes = stackalloc byte[op->Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!Paging.TranslateDebug(_cpu, _memory, linear + (ulong)i, out var physical) || !_memory.Peek(physical, bytes.Slice(i, 1)))
            {
                return;
            }
        }

        var text = Convert.ToHexString(bytes);
        if (_unknown.Count < MaximumUnknown && _unknown.Add(text))
        {
            LogUnknown(_logger, Index, text, _cpu->Segments[(int)SegmentName.Cs].Selector, _cpu->Rip);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "vCPU {Index}: no such instruction: {Bytes} at {Selector:X4}:{Address:X}; #UD")]
    private static partial void LogUnknown(ILogger logger, int index, string bytes, ushort selector, ulong address);
}
