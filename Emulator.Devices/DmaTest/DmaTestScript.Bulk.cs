using System.Buffers.Binary;
using Emulator.Memory;

namespace Emulator.Devices;

// What moves more than a word, and interrupts.
internal sealed partial class DmaTestScript
{
    private const int BufferSize = 4096;
    private const int MostCopied = 1 << 20;
    private const int MostPieces = 16;

    // How many bytes cost a unit.
    private const int BytesPerUnit = 32;

    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly DmaMapping[] _mappings = new DmaMapping[MostPieces];
    private readonly DmaSegment[] _pieces = new DmaSegment[MostPieces];
    private ulong _chain;

    private Step ExecuteBulk(in DmaTestOperation op, ref int budget)
    {
        switch (op.Opcode)
        {
            case DmaTestOpcode.Load or DmaTestOpcode.Store or DmaTestOpcode.Fill
                or DmaTestOpcode.Checksum or DmaTestOpcode.Compare or DmaTestOpcode.Torn:
                var (start, length) = ((op.Immediate >> 16) & (BufferSize - 1), op.Immediate & ((BufferSize * 2) - 1));
                if (start + length > BufferSize)
                {
                    return Failed(DmaTestError.Operand);
                }

                budget -= length / BytesPerUnit;
                return ExecuteOnPart(in op, _buffer.AsSpan(start, length));
            case DmaTestOpcode.Copy:
                return Copy(in op, ref budget);
            case DmaTestOpcode.Gather:
                budget -= BufferSize / BytesPerUnit;
                return MovePieces(in op, DmaDirection.Read);
            case DmaTestOpcode.Scatter:
                budget -= BufferSize / BytesPerUnit;
                return MovePieces(in op, DmaDirection.Write);
            case DmaTestOpcode.Raise:
                function.Raise((uint)op.Immediate & (uint)DmaTestCause.OfScripts);
                return Step.Next;
            case DmaTestOpcode.Message:
                var vector = Word(in op);
                return vector < (ulong)function.MessageVectors ? Sent(in op, function.SendMessage((int)vector)) : Failed(DmaTestError.Operand);
            default:
                return Failed(DmaTestError.Opcode);
        }
    }

    private Step ExecuteOnPart(in DmaTestOperation op, Span<byte> part)
    {
        var address = Address(in op);
        var status = DmaStatus.Ok;
        switch (op.Opcode)
        {
            case DmaTestOpcode.Load:
                status = op.IsRelaxed ? _dma.ReadRelaxed(address, part) : _dma.Read(address, part);
                break;
            case DmaTestOpcode.Store:
                status = op.IsRelaxed ? _dma.WriteRelaxed(address, part) : _dma.Write(address, part);
                break;
            case DmaTestOpcode.Fill:
                BufferWords.Fill(part, Long(in op));
                break;
            case DmaTestOpcode.Checksum:
                _registers[op.A] = BufferWords.Checksum(part);
                break;
            case DmaTestOpcode.Compare:
                _registers[op.A] = (ulong)BufferWords.Matching(part, Long(in op));
                break;
            default:
                _registers[op.A] = (ulong)BufferWords.Torn(part, 1 << op.Log2Size);
                break;
        }

        return status == DmaStatus.Ok ? Step.Next : Refused(status, address);
    }

    private Step Copy(in DmaTestOperation op, ref int budget)
    {
        if ((uint)op.Immediate > MostCopied)
        {
            return Failed(DmaTestError.Operand);
        }

        var (from, to) = (_registers[op.C], Address(in op));
        for (var rest = op.Immediate; rest > 0;)
        {
            if (_queue.IsStale)
            {
                return Step.GiveWay;
            }

            var part = _buffer.AsSpan(0, Math.Min(rest, BufferSize));
            var status = op.IsRelaxed ? _dma.ReadRelaxed(from, part) : _dma.Read(from, part);
            if (status != DmaStatus.Ok)
            {
                return Refused(status, from);
            }

            status = op.IsRelaxed ? _dma.WriteRelaxed(to, part) : _dma.Write(to, part);
            if (status != DmaStatus.Ok)
            {
                return Refused(status, to);
            }

            (from, to, rest) = (from + (ulong)part.Length, to + (ulong)part.Length, rest - part.Length);
            budget -= part.Length / BytesPerUnit;
        }

        return Step.Next;
    }

    // The list in one read, its pieces behind one fence.
    private Step MovePieces(in DmaTestOperation op, DmaDirection direction)
    {
        const int ElementSize = 16;
        if (op.Immediate is < 1 or > MostPieces)
        {
            return Failed(DmaTestError.Operand);
        }

        Span<byte> list = stackalloc byte[MostPieces * ElementSize];
        list = list[..(op.Immediate * ElementSize)];
        var status = _dma.Read(Address(in op), list);
        if (status != DmaStatus.Ok)
        {
            return Refused(status, Address(in op));
        }

        ulong total = 0;
        for (var i = 0; i < op.Immediate; i++)
        {
            var element = list[(i * ElementSize)..];
            _pieces[i] = new DmaSegment(BinaryPrimitives.ReadUInt64LittleEndian(element), BinaryPrimitives.ReadUInt32LittleEndian(element[8..]));
            total += _pieces[i].Length;
        }

        if (total > BufferSize)
        {
            return Failed(DmaTestError.Operand);
        }

        var pieces = _pieces.AsSpan(0, op.Immediate);
        status = _dma.Map(pieces, direction, _mappings, out var mapped);
        var fault = status == DmaStatus.Ok ? 0 : pieces[Math.Min(mapped, pieces.Length - 1)].Address;
        for (int i = 0, at = 0; i < mapped; at += (int)pieces[i].Length, i++)
        {
            if (status == DmaStatus.Ok)
            {
                status = MovePiece(in pieces[i], in _mappings[i], direction, at, ref fault);
            }

            _mappings[i].Dispose();
            _mappings[i] = default;
        }

        _registers[op.A] = total;
        return status == DmaStatus.Ok ? Step.Next : Refused(status, fault);
    }

    // A piece may be mapped in part, where memory goes on elsewhere in the host: the rest goes as any access.
    private DmaStatus MovePiece(in DmaSegment piece, in DmaMapping mapping, DmaDirection direction, int at, ref ulong fault)
    {
        var part = _buffer.AsSpan(at, (int)piece.Length);
        var rest = part[mapping.Length..];
        if (direction == DmaDirection.Read)
        {
            mapping.Bytes.CopyTo(part);
        }
        else
        {
            part[..mapping.Length].CopyTo(mapping.Bytes);
        }

        if (rest.IsEmpty)
        {
            return DmaStatus.Ok;
        }

        fault = piece.Address + (ulong)mapping.Length;
        return direction == DmaDirection.Read ? _dma.Read(fault, rest) : _dma.Write(fault, rest);
    }

    private Step Sent(in DmaTestOperation op, bool accepted)
    {
        _registers[op.A] = accepted ? 1UL : 0;
        return Step.Next;
    }

    /// <summary>What FILL, CHECKSUM, COMPARE and TORN do.</summary>
    private static class BufferWords
    {
        private const ulong FnvOffset = 0xCBF29CE484222325;
        private const ulong FnvPrime = 0x100000001B3;

        public static void Fill(Span<byte> part, ulong pattern)
        {
            for (var i = 0; i < part.Length; i++)
            {
                part[i] = Byte(pattern, i);
            }
        }

        public static ulong Checksum(ReadOnlySpan<byte> part)
        {
            var hash = FnvOffset;
            foreach (var value in part)
            {
                hash = (hash ^ value) * FnvPrime;
            }

            return hash;
        }

        public static int Matching(ReadOnlySpan<byte> part, ulong pattern)
        {
            var count = 0;
            while (count < part.Length && part[count] == Byte(pattern, count))
            {
                count++;
            }

            return count;
        }

        public static int Torn(ReadOnlySpan<byte> part, int size)
        {
            var torn = 0;
            for (var at = 0; at + size <= part.Length; at += size)
            {
                var word = part.Slice(at, size);
                torn += word.ContainsAnyExcept(word[0]) ? 1 : 0;
            }

            return torn;
        }

        private static byte Byte(ulong pattern, int index) => (byte)(pattern >> ((index & 7) * 8));
    }
}
