using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>
/// Makes short programs: straight lines with forward jumps, calls and string runs, some of them in a loop that runs
/// often enough to become hot. They test what lies between instructions: lazy flags, dead ones, fused pairs, links.
/// </summary>
/// <remarks>
/// Two registers hold pointers, one an index, one a loop's count, and no instruction may write them, so that every
/// address is known. Flags that an instruction leaves undefined are followed, and nobody reads them.
/// </remarks>
internal sealed partial class SequenceBuilder(ulong leaveAddress, bool onlyHotLoops = false) : OperandChooser
{
    private const int MaximumInstructions = 120;
    private const int Rsp = 4;
    private const RflagsBits Arithmetic = RflagsBits.CF | RflagsBits.PF | RflagsBits.AF | RflagsBits.ZF | RflagsBits.SF | RflagsBits.OF;

    /// <summary>Registers that no instruction uses without naming them (RBX is XLAT's and CMPXCHG16B's, which are not used here).</summary>
    private static readonly int[] s_quiet = [3, 5, 8, 9, 10, 11, 12, 13, 14, 15];

    private static readonly Form[] s_pool = [.. FormCatalog.Forms.Where(IsUsable)];
    private static readonly Form[] s_readers = [.. s_pool.Where(form => form.Family == "Conditional move and set")];
    private static readonly Form[] s_compares =
        [.. s_pool.Where(form => form.Mnemonic is Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Inc or Mnemonic.Dec && !form.IsMemory)];

    private static readonly Code[] s_jumps = [.. FormCatalog.Forms.Where(form => form.Code.IsJccShort()).Select(form => form.Code)];
    private static readonly Form[] s_strings = [.. FormCatalog.Forms.Where(form => form.Family == "String")];

    private readonly InstructionInfoFactory _infos = new();
    private readonly CodeBytes _bytes = new();
    private readonly List<Instruction> _code = [];

    /// <summary>For each instruction, the flags that are undefined before it.</summary>
    private readonly List<RflagsBits> _undefinedBefore = [];

    /// <summary>Forward jumps under way: the item they go to, their instruction, the flags undefined there.</summary>
    private readonly List<(int Item, int Instruction, RflagsBits Undefined)> _jumps = [];

    private DiffCase _case = new(0);
    private RflagsBits _undefined;
    private uint _reserved;
    private int _firstPointer;
    private int _secondPointer;
    private int _index;
    private int _counter;
    private bool _isLoop;

    /// <summary>Makes program <paramref name="index"/>: always the same for the same seed.</summary>
    public void Build(DiffCase test, string name, int index, ulong seed)
    {
        _random = new SplitMix(SplitMix.Derive(seed, name, index));
        _case = test;
        do
        {
            test.Clear(name, index, seed);
            ChooseState();
            MakeProgram();
        }
        while (!TryEncode());

        test.LayPad(DiffLayout.BackwardPad, DiffLayout.StoppedBackward, leaveAddress);
        test.LayPad(test.CodeEnd, DiffLayout.StoppedBehind, leaveAddress);
    }

    private protected override ulong ChooseBranchTarget() => _case.Entry;

    /// <summary>Registers that hold nothing we need come first.</summary>
    private protected override int ChooseNumber()
    {
        while (true)
        {
            int number = _random.Below(16);
            if ((_reserved & (1u << number)) == 0 || _random.Chance(15))
            {
                return number;
            }
        }
    }

    private static bool IsUsable(Form form)
    {
        if (!HostFeatures.Has(form.Code) || form.Family is "Branch" or "Far transfer" or "String" or "Segment" or "Divide" or FormCatalog.Refused)
        {
            return false;
        }

        return form.Mnemonic switch
        {
            Mnemonic.Enter or Mnemonic.Leave or Mnemonic.Popf or Mnemonic.Popfq or Mnemonic.Xlatb => false,
            Mnemonic.Bsf or Mnemonic.Bsr => form.Info.OperandSize != 32, // a zero source leaves half the result open
            Mnemonic.Shld or Mnemonic.Shrd => form.Info.OperandSize != 16 || form.Info.Op2Kind != OpCodeOperandKind.cl,
            Mnemonic.Bt or Mnemonic.Btc or Mnemonic.Btr or Mnemonic.Bts => !form.IsMemory || form.Info.Op1Kind == OpCodeOperandKind.imm8,
            _ => true,
        };
    }

    private void ChooseState()
    {
        for (int i = 0; i < 16; i++)
        {
            _case.Gpr[i] = _random.InterestingRegister();
        }

        CaseBuilder.FillWithNoise(_case, _random);
        _case.Rflags = CaseBuilder.RandomFlags(_random);
        _isLoop = onlyHotLoops || _random.Chance(40);
        _reserved = 1 << Rsp;
        _firstPointer = Reserve(_case.DataBase + (ulong)(_random.Between(0x40, 0x100) * 8));
        _secondPointer = Reserve(_case.DataBase + DiffLayout.PageSize - (ulong)_random.Below(24));
        _index = Reserve((ulong)_random.Below(64));
        _counter = _isLoop && _random.Chance(20) ? 1 : Reserve(0);
        _reserved |= 1u << _counter;
        _case.Gpr[_counter] = (ulong)(onlyHotLoops ? _random.Between(4000, 12000) : _random.Between(1, 40));
        _case.Gpr[Rsp] = _case.DataBase + 0x1C00;
        _code.Clear();
        _undefinedBefore.Clear();
        _jumps.Clear();
        _undefined = RflagsBits.None;
    }

    private int Reserve(ulong value)
    {
        int number;
        do
        {
            number = _random.Pick<int>(s_quiet);
        }
        while ((_reserved & (1u << number)) != 0);

        _reserved |= 1u << number;
        _case.Gpr[number] = value;
        return number;
    }

    private void MakeProgram()
    {
        int top = 0;
        if (_isLoop)
        {
            Count("loop");
            Add(Instruction.Create(Code.Lea_r64_m, Register.RSP, Near(_firstPointer, (long)(_case.Gpr[Rsp] - _case.Gpr[_firstPointer]))));
            _undefined = Arithmetic; // what the end of the loop leaves, whatever that is
        }

        int items = _random.Between(5, 20);
        for (int item = 0; item < items && _code.Count < MaximumInstructions; item++)
        {
            Land(item);
            AddItem(item, items);
        }

        Land(int.MaxValue);
        if (_isLoop)
        {
            AddLoopEnd(top);
        }

        Add(Instruction.Create(Code.Nopd)); // something for jumps to the end to go to
    }

    /// <summary>Jumps that go to <paramref name="item"/>, or earlier, arrive at the next instruction.</summary>
    private void Land(int item)
    {
        for (int i = _jumps.Count - 1; i >= 0; i--)
        {
            if (_jumps[i].Item <= item)
            {
                SetTarget(_jumps[i].Instruction, _code.Count);
                _undefined |= _jumps[i].Undefined;
                _jumps.RemoveAt(i);
            }
        }
    }

    private void SetTarget(int instruction, int target)
    {
        Instruction changed = _code[instruction];
        if (changed.Op0Kind == OpKind.NearBranch64)
        {
            changed.NearBranch64 = Address(target);
        }
        else
        {
            changed.MemoryDisplacement64 = Address(target);
        }

        _code[instruction] = changed;
    }

    /// <summary>What stands for an instruction's address until the block encoder has placed it.</summary>
    private static ulong Address(int instruction) => 0x10_0000 + ((ulong)instruction * 16);

    private void Add(in Instruction instruction)
    {
        Instruction placed = instruction;
        placed.Length = 1; // before IP, which counts back from the end
        placed.IP = Address(_code.Count);
        _code.Add(placed);
        _undefinedBefore.Add(_undefined);
        FollowFlags(placed);
    }

    private void FollowFlags(in Instruction instruction)
    {
        bool isByCl = instruction.OpCount > 1 && instruction.GetOpKind(instruction.OpCount - 1) == OpKind.Register
            && instruction.GetOpRegister(instruction.OpCount - 1) == Register.CL
            && FormFamily.Of(instruction.Code, instruction.OpCode) is "Shift" or "Rotate" or "Double shift";
        bool isRepeated = instruction.HasRepPrefix || instruction.HasRepnePrefix;
        if (isByCl)
        {
            // By nothing, by one or by many, we cannot tell.
            _undefined |= RflagsBits.OF | RflagsBits.AF | RflagsBits.CF;
        }
        else if (!isRepeated)
        {
            RflagsBits undefined = FromRflags(UndefinedResults.Flags(instruction, 0));
            bool isNoShift = instruction.RflagsUndefined == RflagsBits.None && undefined == RflagsBits.None && IsByNothing(instruction);
            _undefined = isNoShift ? _undefined : (_undefined & ~instruction.RflagsModified) | undefined;
        }
    }

    private static bool IsByNothing(in Instruction instruction) =>
        FormFamily.Of(instruction.Code, instruction.OpCode) is "Shift" or "Rotate" or "Double shift"
        && (instruction.Immediate8 & (instruction.OpCode.OperandSize == 64 ? 63 : 31)) == 0;

    private static RflagsBits FromRflags(ulong flags)
    {
        RflagsBits bits = RflagsBits.None;
        foreach (RflagsBits bit in (ReadOnlySpan<RflagsBits>)[RflagsBits.CF, RflagsBits.PF, RflagsBits.AF, RflagsBits.ZF, RflagsBits.SF, RflagsBits.OF])
        {
            if ((UndefinedResults.ToRflags(bit) & flags) != 0)
            {
                bits |= bit;
            }
        }

        return bits;
    }

    private bool TryEncode()
    {
        _bytes.Start(_case.Code, DiffLayout.Entry);
        InstructionBlock block = new(_bytes, _code, _case.Entry);
        if (!BlockEncoder.TryEncode(64, block, out _, out BlockEncoderResult result, BlockEncoderOptions.ReturnNewInstructionOffsets)
            || _bytes.Position + DiffLayout.PadLength > DiffLayout.CodeSize)
        {
            return false;
        }

        _case.CodeEnd = _bytes.Position;
        _case.Tolerance.Flags = UndefinedResults.ToRflags(_undefined);
        for (int i = 0; i < _code.Count; i++)
        {
            bool isDivision = _code[i].Mnemonic is Mnemonic.Div or Mnemonic.Idiv;
            _case.Tolerance.SetFlagsAtFault(
                _case.Entry + result.NewInstructionOffsets[i],
                isDivision ? DiffLayout.ArithmeticFlags : UndefinedResults.ToRflags(_undefinedBefore[i]));
        }

        return true;
    }
}
