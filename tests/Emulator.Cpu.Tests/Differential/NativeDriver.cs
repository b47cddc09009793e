using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>
/// The machine code around the cases on the host: it loads a case's registers and flags, jumps into it, catches it
/// at a pad or in a signal handler, and stores what it left.
/// </summary>
/// <remarks>
/// A case may leave any value in any register, RSP among them, so what is saved goes to absolute addresses, and
/// signals are taken on a stack of their own.
/// </remarks>
internal sealed class NativeDriver
{
    // Variables, from DiffLayout.Driver.
    public const int InTest = 0x20;
    public const int OldHandlers = 0x40;
    public const int Table = 0x1000;

    /// <summary>Bytes of a table entry: what to load, and from <see cref="Results"/> on what was left.</summary>
    public const int EntrySize = 512;
    public const int LoadFlags = 128;
    public const int LoadEntry = 136;
    public const int Results = 256;

    // Within the results, after the sixteen registers.
    public const int Flags = 128;
    public const int Trap = 136;
    public const int Error = 144;
    public const int FaultAddress = 152;
    public const int Rip = 160;
    public const int Ds = 168;
    public const int Es = 176;
    public const int Ss = 184;
    public const int Stop = 192;
    public const int ResultsSize = 200;

    public const ulong SignalStack = DiffLayout.Driver + 0x2_0000;
    public const int SignalStackSize = 0x1_0000;

    private const int Rsp = 4;
    private const int HostRsp = 0x00;
    private const int Current = 0x08;
    private const int Left = 0x10;
    private const int Target = 0x18;
    private const int HostDs = 0x28;
    private const int HostEs = 0x30;
    private const int Save = 0x200;

    // Linux's ucontext: the general registers begin at 40, in the order of sys/ucontext.h.
    private const int ContextRsp = 40 + (15 * 8);
    private const int ContextRip = 40 + (16 * 8);
    private const int ContextFlags = 40 + (17 * 8);
    private const int ContextError = 40 + (19 * 8);
    private const int ContextTrap = 40 + (20 * 8);
    private const int ContextFaultAddress = 40 + (22 * 8);

    private static readonly AssemblerRegister64[] s_registers =
        [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15];

    /// <summary>Assembles the driver into writable memory at <see cref="DiffLayout.DriverCode"/>.</summary>
    public NativeDriver()
    {
        Assembler code = new(64);
        Label next = code.CreateLabel();
        Label done = code.CreateLabel();
        Label leave = code.CreateLabel();
        Label leaveAfterSignal = code.CreateLabel();
        Label store = code.CreateLabel();
        Label handler = code.CreateLabel();

        AssembleEntry(code, ref next, ref done);
        AssembleLeave(code, next, ref leave, ref leaveAfterSignal, ref store);
        AssembleHandler(code, ref handler, leaveAfterSignal);

        using MemoryStream bytes = new();
        AssemblerResult result = code.Assemble(new StreamCodeWriter(bytes), DiffLayout.DriverCode, BlockEncoderOptions.ReturnNewInstructionOffsets);
        LeaveAddress = result.GetLabelRIP(leave);
        HandlerAddress = result.GetLabelRIP(handler);
        Marshal.Copy(bytes.ToArray(), 0, (nint)DiffLayout.DriverCode, (int)bytes.Length);
    }

    /// <summary>Where pads jump to.</summary>
    public ulong LeaveAddress { get; }

    /// <summary>The handler of the synchronous signals.</summary>
    public ulong HandlerAddress { get; }

    private static AssemblerMemoryOperand Variable(int offset) => __qword_ptr[DiffLayout.Driver + (ulong)offset];

    /// <summary><c>void run(table in rdi, count in rsi)</c>.</summary>
    private static void AssembleEntry(Assembler code, ref Label next, ref Label done)
    {
        AssemblerRegister64[] calleeSaved = [rbx, rbp, r12, r13, r14, r15];
        foreach (AssemblerRegister64 register in calleeSaved)
        {
            code.push(register);
        }

        code.mov(Variable(HostRsp), rsp);
        code.mov(Variable(Current), rdi);
        code.mov(Variable(Left), rsi);
        code.mov(__word_ptr[DiffLayout.Driver + HostDs], ds);
        code.mov(__word_ptr[DiffLayout.Driver + HostEs], es);
        code.mov(Variable(InTest), 1);

        code.Label(ref next);
        code.cmp(Variable(Left), 0);
        code.je(done);
        code.dec(Variable(Left));
        code.mov(rax, Variable(Current));
        code.mov(rcx, __qword_ptr[rax + LoadEntry]);
        code.mov(Variable(Target), rcx);
        code.mov(Variable(Save + Trap), -1);
        code.mov(__dword_ptr[DiffLayout.Stop], 0);
        code.push(__qword_ptr[rax + LoadFlags]);
        code.popfq();
        for (int i = 1; i < 16; i++)
        {
            code.mov(s_registers[i], __qword_ptr[rax + (i * 8)]);
        }

        code.mov(rax, __qword_ptr[rax]);
        code.jmp(Variable(Target));

        code.Label(ref done);
        code.mov(Variable(InTest), 0);
        for (int i = calleeSaved.Length - 1; i >= 0; i--)
        {
            code.pop(calleeSaved[i]);
        }

        code.ret();
    }

    private static void AssembleLeave(Assembler code, Label next, ref Label leave, ref Label leaveAfterSignal, ref Label store)
    {
        code.Label(ref leave);
        SaveRegisters(code);
        code.mov(Variable(Save + (Rsp * 8)), rsp);
        code.mov(rsp, Variable(HostRsp));
        code.pushfq();
        code.pop(Variable(Save + Flags));
        code.jmp(store);

        code.Label(ref leaveAfterSignal);
        SaveRegisters(code);

        code.Label(ref store);
        code.push(0x202);
        code.popfq();
        code.mov(__word_ptr[DiffLayout.Driver + Save + Ds], ds);
        code.mov(__word_ptr[DiffLayout.Driver + Save + Es], es);
        code.mov(__word_ptr[DiffLayout.Driver + Save + Ss], ss);
        code.mov(ds, __word_ptr[DiffLayout.Driver + HostDs]);
        code.mov(es, __word_ptr[DiffLayout.Driver + HostEs]);
        code.mov(eax, __dword_ptr[DiffLayout.Stop]);
        code.mov(Variable(Save + Stop), rax);
        code.mov(esi, (uint)(DiffLayout.Driver + Save));
        code.mov(rdi, Variable(Current));
        code.add(rdi, Results);
        code.mov(ecx, ResultsSize / 8);
        code.rep.movsq();
        code.add(Variable(Current), EntrySize);
        code.jmp(next);
    }

    private static void SaveRegisters(Assembler code)
    {
        for (int i = 0; i < 16; i++)
        {
            if (i != Rsp)
            {
                code.mov(Variable(Save + (i * 8)), s_registers[i]);
            }
        }
    }

    /// <summary>
    /// <c>void handler(signal in edi, siginfo in rsi, ucontext in rdx)</c>: a fault of a case goes to its end; any other
    /// (the runtime's own null checks, on other threads) to the handler that was there before.
    /// </summary>
    private static void AssembleHandler(Assembler code, ref Label handler, Label leaveAfterSignal)
    {
        Label chain = code.CreateLabel();
        code.Label(ref handler);
        code.cmp(Variable(InTest), 0);
        code.je(chain);
        code.mov(rax, rsp);
        code.sub(rax, (int)SignalStack);
        code.cmp(rax, SignalStackSize); // only the thread that runs the cases has this stack
        code.jae(chain);
        (int From, int To)[] copies =
        [
            (ContextTrap, Trap), (ContextError, Error), (ContextFaultAddress, FaultAddress),
            (ContextRip, Rip), (ContextFlags, Flags), (ContextRsp, Rsp * 8),
        ];
        foreach ((int from, int to) in copies)
        {
            code.mov(rax, __qword_ptr[rdx + from]);
            code.mov(Variable(Save + to), rax);
        }

        code.lea(rax, __qword_ptr[leaveAfterSignal]);
        code.mov(__qword_ptr[rdx + ContextRip], rax);

        // The case's own stack pointer may be non-canonical, and a processor may refuse to return to that.
        code.mov(rax, Variable(HostRsp));
        code.mov(__qword_ptr[rdx + ContextRsp], rax);
        code.mov(__qword_ptr[rdx + ContextFlags], 0x202);
        code.ret();

        code.Label(ref chain);
        code.mov(eax, edi);
        code.jmp(__qword_ptr[(rax * 8) + (int)(DiffLayout.Driver + OldHandlers)]);
    }
}
