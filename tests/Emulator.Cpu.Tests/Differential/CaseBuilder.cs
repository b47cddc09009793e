using System.Runtime.InteropServices;
using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Fills cases with one instruction of a form and a state in which it does something worth comparing.</summary>
/// <remarks>
/// Registers and immediates are chosen first, then what the instruction needs of them (a count, a dividend, a bit
/// offset), and the memory operand last: its address is solved for the registers that are still free.
/// </remarks>
internal sealed partial class CaseBuilder(ulong leaveAddress) : OperandChooser
{
    private const int Rax = 0;
    private const int Rcx = 1;
    private const int Rdx = 2;
    private const int Rbx = 3;
    private const int Rsp = 4;
    private const int Rbp = 5;
    private const int Rsi = 6;
    private const int Rdi = 7;

    private const ulong SignOfNonCanonical = 1UL << 62;

    private static readonly byte[] s_noise = MakeNoise();
    private static readonly byte[] s_idlePrefixes = [0x26, 0x2E, 0x36, 0x3E, 0x66];

    private readonly CodeBytes _bytes = new();

    private DiffCase _case = new(0);
    private uint _pinned;
    private ulong _target;
    private bool _hasTarget;

    /// <summary>Makes case <paramref name="index"/> of a form: always the same for the same seed.</summary>
    public void Build(DiffCase test, Form form, int index, ulong seed)
    {
        _random = new SplitMix(SplitMix.Derive(seed, form.Name, index));
        _case = test;
        _form = form;
        for (int attempt = 0; attempt < 200; attempt++)
        {
            test.Clear(form.Name, index, seed);
            ChooseState();
            if (TryChooseInstruction() && TryEncode())
            {
                test.LayPad(DiffLayout.BackwardPad, DiffLayout.StoppedBackward, leaveAddress);
                test.LayPad(test.CodeEnd, DiffLayout.StoppedBehind, leaveAddress);
                test.LayPad(DiffLayout.ForwardPad, DiffLayout.StoppedForward, leaveAddress);
                UndefinedResults.Describe(test, _instruction, _hasTarget, _target);
                return;
            }
        }

        throw new InvalidOperationException($"{form.Name}: no encoding found in 200 attempts");
    }

    private static byte[] MakeNoise()
    {
        byte[] noise = new byte[1 << 16];
        SplitMix random = new(1);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(noise.AsSpan());
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = random.Next();
        }

        return noise;
    }

    internal static void FillWithNoise(DiffCase test, SplitMix random) =>
        s_noise.AsSpan(random.Below(s_noise.Length - DiffLayout.WritableSize), DiffLayout.WritableSize).CopyTo(test.Memory);

    private void ChooseState()
    {
        for (int i = 0; i < 16; i++)
        {
            _case.Gpr[i] = _random.InterestingRegister();
        }

        FillWithNoise(_case, _random);
        _case.Rflags = RandomFlags(_random);
        _pinned = 0;
        _hasTarget = false;
        _instruction = default;
        _instruction.Code = _form.Code;
        if (_form.Info.IsStackInstruction || _form.Family == "Far transfer")
        {
            Pin(Rsp, ChooseStack());
        }
        else if (_random.Chance(50))
        {
            _case.Gpr[Rsp] = ChooseStack();
        }
    }

    /// <summary>Arithmetic flags, DF and ID at random; IF as a program finds it.</summary>
    internal static ulong RandomFlags(SplitMix random)
    {
        ulong flags = 0x202 | (random.Next() & DiffLayout.ArithmeticFlags);
        if (random.Chance(25))
        {
            flags |= 0x400;
        }

        if (random.Chance(10))
        {
            flags |= 0x20_0000;
        }

        return flags;
    }

    private void Pin(int register, ulong value)
    {
        _case.Gpr[register] = value;
        _pinned |= 1u << register;
    }

    private bool IsPinned(int register) => (_pinned & (1u << register)) != 0;

    private protected override ulong ChooseBranchTarget() => ChoosePad();

    private ulong ChoosePad() => _random.Chance(50) ? _case.ForwardPad : _case.BackwardPad;

    private bool TryChooseInstruction()
    {
        switch (_form.Prefix)
        {
            case FormPrefix.Lock:
                _instruction.HasLockPrefix = true;
                break;
            case FormPrefix.Rep:
                _instruction.HasRepPrefix = true;
                break;
            case FormPrefix.Repne:
                _instruction.HasRepnePrefix = true;
                break;
        }

        bool has67 = _random.Chance(12);
        int memoryOperand = -1;
        for (int i = 0; i < _form.Info.OpCount; i++)
        {
            OpCodeOperandKind kind = _form.Info.GetOpKind(i);
            if (IsMemory(kind))
            {
                memoryOperand = i;
            }
            else if (!TrySetOperand(i, kind, has67))
            {
                return false;
            }
        }

        PrepareRegisters(has67);
        if (memoryOperand >= 0)
        {
            _instruction.SetOpKind(memoryOperand, OpKind.Memory);
            if (!TrySetMemory(_form.Info.GetOpKind(memoryOperand), has67))
            {
                return false;
            }
        }

        return PrepareMemory();
    }

    /// <summary>Encodes at the case's entry, now and then behind a prefix that changes nothing.</summary>
    private bool TryEncode()
    {
        int length = 0;
        if (_random.Chance(6) && _form.Family is not ("Branch" or "Far transfer" or FormCatalog.Refused))
        {
            _case.Code[DiffLayout.Entry] = _random.Pick<byte>(s_idlePrefixes);
            length = 1;
        }

        _bytes.Start(_case.Code, DiffLayout.Entry + length);
        if (!Encoder.Create(64, _bytes).TryEncode(_instruction, _case.Entry + (ulong)length, out _, out _))
        {
            return false;
        }

        _case.CodeEnd = _bytes.Position;
        return !Changed(length);
    }

    /// <summary>True if the bytes mean anything but what was chosen (a prefix that did change something, too long).</summary>
    private bool Changed(int prefixes)
    {
        int length = _case.CodeEnd - DiffLayout.Entry;
        if (length > 15)
        {
            return true;
        }

        Instruction decoded = Decode(_case.Code.AsSpan(DiffLayout.Entry, length), _case.Entry);
        bool isSame = decoded.Code == _instruction.Code && decoded.Length == length
            && decoded.MemorySegment == _instruction.MemorySegment;
        _instruction = decoded;
        if (isSame && prefixes > 0)
        {
            Count("idle prefix");
        }

        return !isSame;
    }

    internal static Instruction Decode(ReadOnlySpan<byte> bytes, ulong rip)
    {
        Decoder decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes.ToArray()), rip);
        return decoder.Decode();
    }
}

/// <summary>Takes an encoder's bytes into an array.</summary>
internal sealed class CodeBytes : CodeWriter
{
    private byte[] _bytes = [];

    /// <summary>Where the next byte goes.</summary>
    public int Position { get; private set; }

    public void Start(byte[] bytes, int position)
    {
        _bytes = bytes;
        Position = position;
    }

    public override void WriteByte(byte value) => _bytes[Position++] = value;
}
