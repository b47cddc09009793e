using Emulator.Host.CommandLine;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Reads a cell: an instruction of a processor or of a function.</summary>
internal sealed class CellParser(TokenReader reader, LitmusScope scope)
{
    private static readonly string[] s_vcpu = ["mov", "xchg", "lock", "mfence", "lfence", "sfence", "wait", "flush", "doorbell"];
    private static readonly string[] s_twins = ["write", "read", "publish", "fill", "fetch"];
    private static readonly string[] s_dma =
        [.. s_twins, .. s_twins.Select(name => name + Relaxed), "wmb", "rmb", "mb", "msi", "intx"];

    // What else may stand where the first column's cell would.
    private static readonly string[] s_quantifiers = ["exists", "forall"];

    private const string Relaxed = ".relaxed";

    /// <summary>Reads the cell of a column, which is not empty.</summary>
    /// <returns>Null after a mistake.</returns>
    public LitmusCell? Parse(int column)
    {
        var name = reader.ExpectWord("an instruction");
        var kind = scope.Columns[column].Kind;
        var cell = kind == LitmusColumnKind.Vcpu ? ParseVcpu(name) : ParseDma(name);
        if (cell is null)
        {
            Unknown(name, column, kind);
        }

        return reader.Mistake is null ? cell : null;
    }

    private void Unknown(Token name, int column, LitmusColumnKind kind)
    {
        var (own, other) = kind == LitmusColumnKind.Vcpu ? (s_vcpu, s_dma) : (s_dma, s_vcpu);
        var (ownName, otherName) = kind == LitmusColumnKind.Vcpu ? ("vcpu", "dma") : ("dma", "vcpu");
        reader.Fail(name, other.Contains(name.Text)
            ? $"'{name.Text}' is an instruction of a {otherName} column; {scope.Columns[column].Name} is a {ownName} column: {string.Join(", ", own)}"
            : $"unknown instruction '{name.Text}'{Suggestion.For(name.Text, column == 0 ? [.. own, .. s_quantifiers] : own)}");
    }

    private LitmusCell? ParseVcpu(Token at) => at.Text switch
    {
        "mov" => ParseMove(at),
        "xchg" => ParseExchange(at),
        "lock" => ParseLock(at),
        "mfence" => new FenceCell(at.Line, at.Column, VcpuFence.Mfence),
        "lfence" => new FenceCell(at.Line, at.Column, VcpuFence.Lfence),
        "sfence" => new FenceCell(at.Line, at.Column, VcpuFence.Sfence),
        "wait" => ParseWait(at),
        "flush" => new FlushCell(at.Line, at.Column, scope.Column(LitmusColumnKind.Dma)),
        "doorbell" => new DoorbellCell(at.Line, at.Column, scope.Column(LitmusColumnKind.Dma)),
        _ => null,
    };

    private LitmusCell ParseMove(Token at)
    {
        if (reader.Peek.Is("["))
        {
            var location = ParseMemory();
            Comma();
            return new StoreCell(at.Line, at.Column, location, ParseOperand());
        }

        var register = ParseRegister();
        Comma();
        return reader.Peek.Is("[")
            ? new LoadCell(at.Line, at.Column, register, ParseMemory())
            : new MoveCell(at.Line, at.Column, register, ParseOperand());
    }

    private ExchangeCell ParseExchange(Token at)
    {
        if (reader.Peek.Is("["))
        {
            var location = ParseMemory();
            Comma();
            return new ExchangeCell(at.Line, at.Column, ParseRegister(), location);
        }

        var register = ParseRegister();
        Comma();
        return new ExchangeCell(at.Line, at.Column, register, ParseMemory());
    }

    private LitmusCell? ParseLock(Token at)
    {
        var name = reader.ExpectWord("'add' or 'xadd' behind 'lock'");
        if (name.Text is not ("add" or "xadd"))
        {
            reader.Fail(name, $"expected 'add' or 'xadd' behind 'lock', found {name.Shown}{(name.Text == "xchg" ? ": xchg is locked by itself" : "")}");
            return null;
        }

        var location = ParseMemory();
        Comma();
        return name.Text == "add"
            ? new LockAddCell(at.Line, at.Column, location, ParseOperand())
            : new LockExchangeAddCell(at.Line, at.Column, location, ParseRegister());
    }

    private WaitInterruptCell ParseWait(Token at)
    {
        if (!reader.AcceptWord("irq"))
        {
            reader.Fail(reader.Peek, $"expected 'irq' behind 'wait', found {reader.Peek.Shown}");
        }

        return new WaitInterruptCell(at.Line, at.Column);
    }

    private LitmusCell? ParseDma(Token at)
    {
        var relaxed = at.Text.EndsWith(Relaxed, StringComparison.Ordinal);
        var name = relaxed ? at.Text[..^Relaxed.Length] : at.Text;
        return s_twins.Contains(name) ? ParseAccess(at, name, relaxed) : ParseOther(at);
    }

    private LitmusCell ParseAccess(Token at, string name, bool relaxed)
    {
        if (name is "read" or "fetch")
        {
            var register = scope.Register(LitmusColumnKind.Dma);
            Comma();
            return name == "read"
                ? new DmaReadCell(at.Line, at.Column, register, scope.Location(), relaxed)
                : ParseFetch(at, register, relaxed);
        }

        if (name == "fill")
        {
            var (first, count) = scope.Array();
            Comma();
            return new DmaFillCell(at.Line, at.Column, first, count, scope.Number(), relaxed);
        }

        var location = scope.Location();
        Comma();
        return name == "write"
            ? new DmaWriteCell(at.Line, at.Column, location, scope.Number(), relaxed)
            : new DmaPublishCell(at.Line, at.Column, location, scope.Number(), relaxed);
    }

    private DmaFetchCell ParseFetch(Token at, int register, bool relaxed)
    {
        var (first, count) = scope.Array();
        if (register + count > LitmusRegisters.OfDma)
        {
            reader.Fail(at, $"{count} elements from r{register} end past r{LitmusRegisters.OfDma - 1}");
        }

        return new DmaFetchCell(at.Line, at.Column, register, first, count, relaxed);
    }

    private LitmusCell? ParseOther(Token at) => at.Text switch
    {
        "wmb" => new DmaBarrierCell(at.Line, at.Column, DmaFence.StoreStore),
        "rmb" => new DmaBarrierCell(at.Line, at.Column, DmaFence.LoadLoad),
        "mb" => new DmaBarrierCell(at.Line, at.Column, DmaFence.Full),
        "msi" => new DmaMessageCell(at.Line, at.Column, scope.Column(LitmusColumnKind.Vcpu)),
        "intx" => new DmaIntxCell(at.Line, at.Column, scope.Column(LitmusColumnKind.Vcpu)),
        _ => null,
    };

    private int ParseMemory()
    {
        reader.Expect("[", "before a location");
        var location = scope.Location();
        reader.Expect("]", "behind the location");
        return location;
    }

    private LitmusOperand ParseOperand() =>
        reader.Peek.Kind == TokenKind.Word
            ? new LitmusOperand(true, ParseRegister(), 0)
            : new LitmusOperand(false, default, scope.Number());

    private VcpuRegister ParseRegister() => (VcpuRegister)scope.Register(LitmusColumnKind.Vcpu);

    private void Comma() => reader.Expect(",", "between the operands");
}
