namespace Emulator.Cpu;

/// <summary>
/// Gathers a stack frame of equal entries, proves that all of it can be written, and only then writes: a transfer that
/// faults on its frame leaves neither memory nor registers changed. The stack may be one that is not loaded yet.
/// </summary>
internal unsafe struct StackWriter
{
    /// <summary>Entries a frame holds: 31 parameters of a call gate and the four words around them.</summary>
    public const int Capacity = 36;

    private readonly CpuState* _cpu;
    private readonly Segment _stack;
    private readonly ulong _start;
    private readonly ulong _mask;
    private readonly int _size;
    private readonly bool _system;
    private readonly uint _error;
    private int _count;
    private fixed ulong _values[Capacity];

    /// <summary>A frame on the present stack; what does not fit is #SS(0).</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="size">Bytes of an entry: 2, 4 or 8.</param>
    public StackWriter(CpuState* cpu, int size)
    {
        _cpu = cpu;
        _stack = cpu->Segments[(int)SegmentName.Ss];
        _start = cpu->Gpr[Stack.Pointer];
        _mask = Stack.Mask(cpu);
        _size = size;
    }

    /// <summary>A frame on another stack; what does not fit is #SS with its selector.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="stack">The stack segment.</param>
    /// <param name="pointer">The stack pointer to begin at.</param>
    /// <param name="size">Bytes of an entry.</param>
    /// <param name="cpl">The privilege level of the new stack's user.</param>
    public StackWriter(CpuState* cpu, in Segment stack, ulong pointer, int size, int cpl)
    {
        _cpu = cpu;
        _stack = stack;
        _start = pointer;
        _mask = (stack.Attributes & SegmentAttributes.Big) != 0 ? uint.MaxValue : ushort.MaxValue;
        _size = size;
        _system = cpl != cpu->Cpl;
        _error = Selector.ErrorCode(stack.Selector);
    }

    /// <summary>A frame of eight-byte entries for 64-bit code; an address that is not canonical is #SS(0).</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="pointer">The stack pointer to begin at.</param>
    /// <param name="cpl">The privilege level of the stack's user.</param>
    public StackWriter(CpuState* cpu, ulong pointer, int cpl)
    {
        _cpu = cpu;
        _start = pointer;
        _mask = ulong.MaxValue;
        _size = 8;
        _system = cpl != cpu->Cpl;
    }

    /// <summary>RSP below the frame.</summary>
    public readonly ulong Rsp => Stack.Merge(_start, _start - (ulong)(_count * _size), _mask);

    /// <summary>Adds an entry; it is cut to the frame's width when written.</summary>
    public void Push(ulong value) => _values[_count++] = value;

    /// <summary>Checks limits, canonical form and alignment, and makes sure that writing cannot fault.</summary>
    public readonly bool Probe()
    {
        // Entries mostly lie in one piece, and one probe does; a 16-bit stack may wrap in the middle of a frame.
        var pieceStart = 0UL;
        var pieceSize = 0;
        for (var i = 0; i < _count; i++)
        {
            if (!Address(i, out var linear))
            {
                return false;
            }

            if (pieceSize != 0 && linear + (uint)_size != pieceStart)
            {
                if (!GuestAccess.ProbeWrite(_cpu, pieceStart, pieceSize, _system))
                {
                    return false;
                }

                pieceSize = 0;
            }

            pieceStart = linear;
            pieceSize += _size;
        }

        return pieceSize == 0 || GuestAccess.ProbeWrite(_cpu, pieceStart, pieceSize, _system);
    }

    /// <summary>Writes the frame, after <see cref="Probe"/>. RSP is the caller's to set.</summary>
    /// <returns>False if the vCPU must exit in between; the frame may be written again.</returns>
    public readonly bool Write()
    {
        for (var i = 0; i < _count; i++)
        {
            var value = _size == 8 ? _values[i] : _values[i] & ((1UL << _size * 8) - 1);
            if (!Address(i, out var linear) || !GuestAccess.Write(_cpu, linear, _size, value, _system))
            {
                return false;
            }
        }

        return true;
    }

    private readonly bool Address(int index, out ulong linear)
    {
        var offset = (_start - (ulong)((index + 1) * _size)) & _mask;
        bool fits;
        if (_mask == ulong.MaxValue)
        {
            linear = offset;
            fits = LinearAddress.IsCanonical(offset) && LinearAddress.IsCanonical(offset + (uint)(_size - 1));
        }
        else
        {
            linear = (uint)(_stack.Base + offset);
            fits = Segmentation.WithinLimit(_stack, (uint)offset, _size)
                && (_stack.Attributes & SegmentAttributes.Present) != 0;
        }

        if (!fits)
        {
            return Fault.Raise(_cpu, Vector.StackFault, _error);
        }

        return _system || (_cpu->Mode & (uint)CodeMode.Aligned) == 0 || Segmentation.CheckAlignment(_cpu, linear, _size);
    }
}
