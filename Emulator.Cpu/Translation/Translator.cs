using System.Runtime.InteropServices;
using Emulator.Cpu.Interpreter;
using Iced.Intel;

namespace Emulator.Cpu.Translation;

/// <summary>What became of a request to decode a block.</summary>
internal unsafe struct Translation
{
    /// <summary>The first op.</summary>
    public Op* First;

    /// <summary>Bytes decoded.</summary>
    public int Length;

    /// <summary>The first instruction reaches into the next page, which was not given.</summary>
    public bool NeedsSecondPage;

    /// <summary>The first instruction reaches behind CS's limit.</summary>
    public bool CrossesLimit;
}

/// <summary>
/// Decodes guest instructions with Iced, once, into ops. A block is code of one page, up to a branch that may go two ways
/// or leave the page (other jumps are followed), an instruction after which the run loop must look, or <see cref="MaximumInstructions"/>.
/// </summary>
/// <remarks>One per vCPU; its own thread only.</remarks>
internal sealed unsafe partial class Translator : IDisposable
{
    /// <summary>Instructions in a block at most; bounds the time between two looks at the budget.</summary>
    public const int MaximumInstructions = 64;

    /// <summary>Ops that one block may take: two for each instruction, links and a header.</summary>
    private const int MaximumOps = 2 * MaximumInstructions + 8;

    private readonly PageReader _reader = new();
    private readonly Decoder[] _decoders = new Decoder[3];
    private readonly Instruction[] _instructions = new Instruction[MaximumInstructions];
    private readonly bool[] _flagsLive = new bool[MaximumInstructions];
    private readonly Op* _buffer = (Op*)NativeMemory.AllocZeroed(MaximumOps, (nuint)sizeof(Op));

    /// <summary>True if the vCPU's stores wait in a buffer that MFENCE has to empty.</summary>
    public bool HasStoreBuffer { get; init; }

    // Of the block being translated.
    private CodeMode _mode;
    private int _count;
    private ulong _straightOn;
    private int _ops;
    private int _current;
    private bool _ended;
    private Op* _op;

    /// <summary>Makes one for a vCPU.</summary>
    public Translator()
    {
        for (var i = 0; i < 3; i++)
        {
            _decoders[i] = Decoder.Create(16 << i, _reader, DecoderOptions.None);
        }
    }

    /// <summary>Decodes one block.</summary>
    public Translation Translate(ref CodeSource source, CodeMode mode, CodeArena arena)
    {
        _mode = mode;
        var translation = default(Translation);
        var count = DecodeAll(ref source, ref translation);
        if (count == 0)
        {
            return translation;
        }

        _count = count;
        FindLiveFlags(count);
        _ops = 0;
        _ended = false;
        for (_current = 0; _current < count; _current++)
        {
            Emit(_instructions[_current]);
        }

        if (!_ended)
        {
            // Straight on: the next block begins where the last instruction ended or jumped to.
            var last = _instructions[count - 1];
            _op = Next(last);
            _op->Disp = count;
            _op->Length = 0;
            var near = AddLink(_straightOn);
            _op->Handler = HandlerTable.Get(nameof(Handlers.FallThrough), LinkType(near));
        }

        var first = arena.Allocate(_ops + 1) + 1;
        first[-1] = new Op { Imm = _ops };
        new ReadOnlySpan<Op>(_buffer, _ops).CopyTo(new Span<Op>(first, _ops));
        for (var i = 0; i < _ops; i++)
        {
            if ((nint)first[i].Handler == (nint)ResolveSamePage)
            {
                first[i].Target = first + i;
            }
        }

        translation.First = first;
        return translation;
    }

    /// <summary>
    /// Writes the registers into the handlers of a block found to be hot.
    /// </summary>
    /// <param name="first">The block's first op.</param>
    /// <param name="budget">Handlers that may still be compiled.</param>
    public static void Specialise(Op* first, ref int budget)
    {
        for (var i = 0L; i < first[-1].Imm; i++)
        {
            first[i].Handler = HandlerTable.Specialised(first + i, ref budget);
        }
    }

    /// <summary>The handler of links within a page that are not resolved yet.</summary>
    public static readonly delegate*<CpuState*, Op*, Op*> ResolveSamePage = &MissPath.ResolveSamePage;

    private static readonly delegate*<CpuState*, Op*, Op*> ResolveOtherPage = &MissPath.ResolveOtherPage;

    /// <summary>True for a block's way on, as against an instruction.</summary>
    public static bool IsLink(Op* op) => (nint)op->Handler == (nint)ResolveSamePage || (nint)op->Handler == (nint)ResolveOtherPage;

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_buffer);

    private int DecodeAll(ref CodeSource source, ref Translation translation)
    {
        var decoder = _decoders[(_mode & (CodeMode.Code32 | CodeMode.Code64)) switch
        {
            CodeMode.Code64 => 2,
            CodeMode.Code32 => 1,
            _ => 0,
        }];
        _reader.Begin(source);
        decoder.IP = (ulong)source.Offset;
        var maximum = (_mode & CodeMode.Single) != 0 ? 1 : MaximumInstructions;
        var count = 0;
        _straightOn = (ulong)source.Offset;
        while (count < maximum)
        {
            var start = _reader.Position;
            ref var instruction = ref _instructions[count];
            decoder.Decode(out instruction);
            if (_reader.RanOut)
            {
                if (count == 0)
                {
                    translation.NeedsSecondPage = source.SecondPage == null;
                    return 0;
                }

                break;
            }

            if ((ulong)(_reader.Position - source.Offset - 1) > source.Limit)
            {
                translation.CrossesLimit = count == 0;
                break;
            }

            count++;
            translation.Length = _reader.Position - source.Offset;
            source.Decoded?.Mark(start, _reader.Position - start);
            _straightOn = instruction.NextIP;
            if (_reader.Position >= 4096)
            {
                break;
            }

            if (count < maximum && IsFollowed(instruction))
            {
                _straightOn = TargetOf(instruction);
                _reader.Position = (int)_straightOn;
                decoder.IP = _straightOn;
            }
            else if (EndsBlock(instruction))
            {
                break;
            }
        }

        return count;
    }

    /// <summary>
    /// True for a JMP within the page in flat code: decoding goes on at its target, and the jump itself costs nothing.
    /// </summary>
    private bool IsFollowed(in Instruction instruction) =>
        instruction.Mnemonic == Mnemonic.Jmp
        && instruction.Op0Kind is OpKind.NearBranch32 or OpKind.NearBranch64
        && (_mode & (CodeMode.Flat | CodeMode.Code64)) != 0 && (_mode & CodeMode.Single) == 0
        && IsFullWidthBranch(instruction) && IsNear(TargetOf(instruction));

    /// <summary>True for an instruction of a block that needs no op: a jump that was followed, or a NOP.</summary>
    private bool IsElided(in Instruction instruction) =>
        (instruction.Mnemonic == Mnemonic.Jmp && _current < _count - 1)
        || (instruction.Mnemonic == Mnemonic.Nop && (_mode & CodeMode.Single) == 0)
        || (_current == _count - 1 && _straightOn != instruction.NextIP && IsFollowed(instruction));

    /// <summary>Marks the instructions whose flags somebody may see: a later reader, a fault's frame, or the code behind the block.</summary>
    private void FindLiveFlags(int count)
    {
        const RflagsBits All = RflagsBits.OF | RflagsBits.SF | RflagsBits.ZF | RflagsBits.AF | RflagsBits.CF | RflagsBits.PF;
        var live = All;
        for (var i = count - 1; i >= 0; i--)
        {
            ref var instruction = ref _instructions[i];
            _flagsLive[i] = (instruction.RflagsModified & live & All) != 0;
            live = MayStop(instruction) && !IsFollowed(instruction) ? All : (live & ~Kills(instruction)) | (instruction.RflagsRead & All);
        }
    }

    /// <summary>The flags an instruction replaces whatever its operands are.</summary>
    private static RflagsBits Kills(in Instruction instruction) => instruction.Mnemonic switch
    {
        // A count of zero leaves every flag as it was; these leave undefined ones as they were.
        Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr
            or Mnemonic.Shld or Mnemonic.Shrd or Mnemonic.Sal => RflagsBits.None,
        Mnemonic.Add or Mnemonic.Sub or Mnemonic.Adc or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.And or Mnemonic.Or
            or Mnemonic.Xor or Mnemonic.Test or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Imul => instruction.RflagsModified,
        _ => RflagsBits.None,
    };

    /// <summary>True if a fault or an exit may come between this instruction and the one before it, with RFLAGS looked at.</summary>
    private static bool MayStop(in Instruction instruction)
    {
        for (var i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) is not (OpKind.Register or OpKind.Immediate8 or OpKind.Immediate16 or OpKind.Immediate32
                or OpKind.Immediate64 or OpKind.Immediate8to16 or OpKind.Immediate8to32 or OpKind.Immediate8to64 or OpKind.Immediate32to64))
            {
                return instruction.Mnemonic != Mnemonic.Lea;
            }
        }

        return instruction.FlowControl != FlowControl.Next || instruction.IsStackInstruction || instruction.IsPrivileged
            || instruction.Mnemonic is Mnemonic.Div or Mnemonic.Idiv || !IsFast(instruction.Mnemonic);
    }

    private static bool IsFast(Mnemonic mnemonic) => mnemonic is Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd
        or Mnemonic.Lea or Mnemonic.Add or Mnemonic.Sub or Mnemonic.Adc or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.And or Mnemonic.Or
        or Mnemonic.Xor or Mnemonic.Test or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not or Mnemonic.Imul
        or Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Xchg or Mnemonic.Bswap or Mnemonic.Nop
        or Mnemonic.Cdq or Mnemonic.Cqo or Mnemonic.Cwd or Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cdqe;

    /// <summary>Takes the next op of the block and fills what every op has.</summary>
    private Op* Next(in Instruction instruction)
    {
        var op = _buffer + _ops++;
        *op = default;
        op->PageOffset = (ushort)instruction.IP;
        op->Length = (byte)instruction.Length;
        op->Base = RegisterOffset.Zero;
        op->Index = RegisterOffset.Zero;
        return op;
    }

    /// <summary>Adds a link to a target given as an offset from the page's start. Ends the block.</summary>
    /// <returns>True if the target lies in this page.</returns>
    private bool AddLink(ulong target)
    {
        _ended = true;
        var near = IsNear(target);
        var link = _buffer + _ops++;
        *link = default;
        if (near)
        {
            link->Handler = ResolveSamePage;
            link->PageOffset = (ushort)target;
        }
        else
        {
            link->Handler = ResolveOtherPage;
            link->Relative = (long)target;
        }

        return near;
    }

    /// <summary>True if a target is linked as of the same page. In 16-bit code, where IP may wrap within a page, none is.</summary>
    private bool IsNear(ulong target) => target < 4096 && (_mode & (CodeMode.Code32 | CodeMode.Code64)) != 0;

    private static Type LinkType(bool near) => near ? typeof(SamePage) : typeof(OtherPage);

    /// <summary>Reads code bytes from one host page and, where it is given, the next.</summary>
    private sealed class PageReader : CodeReader
    {
        private byte* _page;
        private byte* _second;

        public int Position { get; set; }

        public bool RanOut { get; private set; }

        public void Begin(in CodeSource source)
        {
            _page = source.Page;
            _second = source.SecondPage;
            Position = source.Offset;
            RanOut = false;
        }

        /// <summary>The bytes of an instruction that was just decoded.</summary>
        public byte[] Bytes(int offset, int length)
        {
            var bytes = new byte[length];
            for (var i = 0; i < length; i++)
            {
                bytes[i] = offset + i < 4096 ? _page[offset + i] : _second[offset + i - 4096];
            }

            return bytes;
        }

        public override int ReadByte()
        {
            if (Position < 4096)
            {
                return _page[Position++];
            }

            if (_second == null || Position >= 8192)
            {
                RanOut = true;
                return -1;
            }

            return _second[Position++ - 4096];
        }
    }
}
