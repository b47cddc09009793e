using System.Runtime.InteropServices;
using Emulator.Devices;
using Emulator.Pci;

namespace Emulator.Fuzz.Targets;

/// <summary>dma-test: scripts of random instructions over memory of the driver's.</summary>
public sealed class DmaTestTarget : FuzzTarget
{
    private const ulong Data = 0x10000;
    private const int DataLength = 0x10000;
    private const ulong Record = 0x30000;
    private const ulong Result = 0x40000;
    private const ulong Marker = 0x600D_F00D;

    private static readonly DmaTestOpcode[] s_opcodes = Enum.GetValues<DmaTestOpcode>();

    /// <inheritdoc/>
    public override string Name => "dma-test";

    /// <inheritdoc/>
    public override bool MayRunForever => true;

    /// <inheritdoc/>
    public override IReadOnlyList<RegisterWindow> Windows { get; } =
    [
        RegisterWindow.Of(0, DmaTestRegisters.Length, DmaTestRegisters.Table),
        RegisterWindow.Of(1, DmaTestRegisters.Length, DmaTestRegisters.Table, widest: 4),
    ];

    /// <inheritdoc/>
    public override PciFunction Create(FuzzBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return new DmaTestFunction(Name, board.Thread);
    }

    /// <inheritdoc/>
    public override void SetUp(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Write(driver, DmaTestRegister.Control, (ulong)DmaTestControl.Reset);
        Write(driver, DmaTestRegister.RecordAddress, driver.Address(Record), 8);
        Write(driver, DmaTestRegister.Control, (ulong)DmaTestControl.Record);
        Write(driver, DmaTestRegister.InterruptEnable, driver.Number(0xFF, 32));
        Write(driver, DmaTestRegister.WaitLimit, driver.Number(1000, 32));
        driver.Guard(Record + 64, 64);
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        switch (random.Below(6))
        {
            case 0:
                Write(writer, DmaTestRegister.InterruptCause, writer.Number(0xFFFFFFFF, 32));
                break;
            case 1:
                Write(writer, DmaTestRegister.Control, writer.Number((ulong)(DmaTestControl.Stop | DmaTestControl.Record), 32));
                break;
            default:
                var length = 1 + random.Below(12);
                for (var slot = 0; slot < length; slot++)
                {
                    Put(writer, slot, Any(writer, length));
                }

                Put(writer, length, new DmaTestInstruction(DmaTestOpcode.End));
                Write(writer, DmaTestRegister.Doorbell, writer.Number(0, 8));
                break;
        }
    }

    /// <inheritdoc/>
    public override string? Check(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        SetUp(driver);
        driver.Store(Result, 8, 0);
        Put(driver, 0, new DmaTestInstruction(DmaTestOpcode.Write, log2Size: 3, immediate: (int)Marker, value: Result));
        Put(driver, 1, new DmaTestInstruction(DmaTestOpcode.End));
        Write(driver, DmaTestRegister.Doorbell, 0);
        driver.Run();
        var status = driver.Read(0, (int)DmaTestRegister.Status, 4);
        var (stored, record) = (driver.Load(Result, 8), driver.Load(Record, 4));
        return DmaTestRegisters.State(status) == DmaTestState.Done && stored == Marker && record == status
            ? null
            : $"a script of one WRITE ends with STATUS {status:X}, {stored:X} in memory and a record of {record:X}";
    }

    private static void Write(FuzzDriver driver, DmaTestRegister register, ulong value, int size = 4) => driver.Write(0, (int)register, size, value);

    private static void Put(FuzzDriver driver, int slot, DmaTestInstruction instruction)
    {
        var words = MemoryMarshal.Cast<DmaTestInstruction, ulong>(new ReadOnlySpan<DmaTestInstruction>(in instruction));
        var offset = DmaTestRegisters.ScriptOffset + (slot * DmaTestInstruction.Size);
        driver.Write(0, offset, 8, words[0]);
        driver.Write(0, offset + 8, 8, words[1]);
    }

    // Operands that fit any instruction: an address for those that take one, and a count that is not long.
    private static DmaTestInstruction Any(FuzzWriter writer, int length)
    {
        var random = writer.Random;
        var opcode = writer.IsMistaken() ? (DmaTestOpcode)random.Below(256) : s_opcodes[random.Below(s_opcodes.Length)];
        var immediate = opcode is DmaTestOpcode.Branch or DmaTestOpcode.Loop
            ? (int)writer.Number((ulong)random.Below(length + 1), 32)
            : (int)writer.Number((ulong)random.Below(DataLength / 2), 32);
        var value = opcode < DmaTestOpcode.WriteBarrier || opcode >= DmaTestOpcode.Load
            ? writer.Address(Data + (ulong)(random.Below(DataLength / 2) & ~7))
            : (ulong)random.Below(16);
        var modifiers = writer.IsMistaken() ? (DmaTestModifiers)(random.Below(8) << 2) : random.Of(default, DmaTestModifiers.Relaxed);
        return new DmaTestInstruction(
            opcode, modifiers, random.Below(4), (DmaTestCondition)random.Below(8), random.Below(16), random.Below(16), random.Below(16), immediate, value);
    }
}
