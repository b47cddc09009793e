using Emulator.Devices;
using Emulator.Pci;

namespace Emulator.Fuzz.Targets;

/// <summary>lsi53c895a with two disks: SCRIPTS that carry out commands, and SCRIPTS of random instructions that look like some.</summary>
public sealed class Lsi53c895aTarget : FuzzTarget
{
    private const ulong Program = 0x1_0000;
    private const ulong Table = 0x2_0000;
    private const ulong Messages = 0x2_1000;
    private const ulong Command = 0x2_2000;
    private const ulong Status = 0x2_3000;
    private const ulong Data = 0x4_0000;
    private const int DataLength = 0x1_0000;
    private const int ScriptRamBar = 2;
    private const int Slots = 64;

    /// <inheritdoc/>
    public override string Name => "lsi53c895a";

    /// <inheritdoc/>
    public override bool MayRunForever => true;

    /// <summary>Each command of a disk keeps a buffer or two of 128 KiB, and each piece of the medium that is written is 64 KiB.</summary>
    public override long MostAllocated => (2 * 64 * 2 * (128 << 10)) + (2 << 20);

    /// <inheritdoc/>
    public override IReadOnlyList<RegisterWindow> Windows { get; } =
    [
        RegisterWindow.Of(1, LsiRegisters.Length, LsiRegisters.Table),
        RegisterWindow.Of(0, LsiRegisters.Length, LsiRegisters.Table, widest: 4),
    ];

    /// <inheritdoc/>
    public override PciFunction Create(FuzzBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        var function = new Lsi53c895aFunction(Name, board.Thread, board.Clock, parityErrors: 97);
        for (var target = 0; target < 2; target++)
        {
            var disk = new Disk(new RamBackEnd(1 << 20), new DiskProperties());
            function.ScsiBus.Attach(new ScsiDisk(disk, new ScsiDiskIdentity()), target, 0);
        }

        return function;
    }

    /// <inheritdoc/>
    public override void SetUp(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        const int SoftwareReset = 0x40, ReselectionAndSeven = 0x47, SelectionTimer = 0x01, Compatibility = 0x01;
        Write(driver, LsiRegister.InterruptStatus0, SoftwareReset, 1);
        Write(driver, LsiRegister.ScsiChipId, driver.Number(ReselectionAndSeven, 8), 1);
        Write(driver, LsiRegister.ScsiTimer0, driver.Number(SelectionTimer, 8), 1);
        Write(driver, LsiRegister.DmaControl, driver.Number(Compatibility, 8), 1);
        Write(driver, LsiRegister.DmaInterruptEnable, driver.Number(0x7D, 8), 1);
        Write(driver, LsiRegister.ScsiInterruptEnable0, driver.Number(0x8F, 8), 1);
        Write(driver, LsiRegister.ScsiInterruptEnable1, driver.Number(0x05, 8), 1);
        Write(driver, LsiRegister.ChipControl0, driver.Number(0, 8), 1);
        Write(driver, LsiRegister.PhaseMismatchJump1, driver.Address(Program));
        Write(driver, LsiRegister.PhaseMismatchJump2, driver.Address(Program));
        Write(driver, LsiRegister.DataStructureAddress, driver.Address(Table));
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        switch (random.Below(10))
        {
            case 0:
                // The driver takes its causes.
                writer.Do(new FuzzOperation(FuzzVerb.Read, 1, (ulong)LsiRegister.ScsiInterruptStatus0, 2));
                writer.Do(new FuzzOperation(FuzzVerb.Read, 1, (ulong)LsiRegister.DmaStatus, 1));
                break;
            case 1:
                Write(writer, LsiRegister.InterruptStatus0, random.Of<ulong>(0, 0x20, 0x04, 0x80, 0x10, writer.Number(0x20, 8)), 1);
                break;
            case 2:
                Write(writer, LsiRegister.ScsiControl1, random.Of<ulong>(0, 8, 2, writer.Number(0, 8)), 1);
                break;
            case 3:
                Write(writer, LsiRegister.ScsiTimer0, writer.Number((ulong)random.Below(256), 8), 1);
                Write(writer, LsiRegister.ScsiTimer1, (ulong)random.Below(16), 1);
                break;
            case 4:
                Write(writer, LsiRegister.ChipControl0, (ulong)random.Of(0, 0x80, 0xA0, 0xC0, 0xE0), 1);
                Write(writer, LsiRegister.ChipControl1, (ulong)random.Of(0, 0, 1, 2, 6), 1);
                Write(writer, LsiRegister.ScsiControl3, (ulong)random.Of(0, 8), 1);
                break;
            case 5:
                PutAny(writer);
                Start(writer);
                break;
            default:
                PutNexus(writer, random.Below(3), (ulong)random.Below(64), random.Below(4));
                Start(writer);
                break;
        }
    }

    /// <inheritdoc/>
    public override string? Check(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        SetUp(driver);
        Write(driver, LsiRegister.ScsiControl1, 0, 1);

        // A unit attention condition is told once.
        ulong status = 0xFF;
        for (var i = 0; i < 3 && status != 0; i++)
        {
            driver.Store(Status, 1, 0xEE);
            PutNexus(driver, 0, 0, 0);
            Write(driver, LsiRegister.ScriptsPointer, Program);
            driver.Run();
            status = driver.Load(Status, 1);
            driver.Read(1, (int)LsiRegister.ScsiInterruptStatus0, 2);
            driver.Read(1, (int)LsiRegister.DmaStatus, 1);
        }

        var next = driver.Read(1, (int)LsiRegister.ScriptsPointer, 4);
        return status == 0 ? null : $"TEST UNIT READY ends with {status:X}, DSP at {next:X}";
    }

    private static void Write(FuzzDriver driver, LsiRegister register, ulong value, int size = 4) => driver.Write(1, (int)register, size, value);

    private static void Start(FuzzWriter writer) => Write(writer, LsiRegister.ScriptsPointer, writer.Address(Program));

    // A command from selection to its end, by whatever phases there are; without mistakes it comes to an INT.
    private static void PutNexus(FuzzDriver driver, int target, ulong tag, int what)
    {
        driver.Store(Messages, 8, driver.Number(what == 0 ? 0x80UL : 0x00_00_20_C0UL | (tag << 16), 63));
        var (command, phase, length) = what switch
        {
            0 => (0UL, 1U, 64U),
            1 => (0x00_08_00_00_00_08UL, 1U, 4096U),
            2 => (0x00_03_00_00_00_0AUL, 0U, 1536U),
            _ => (0x00_24_00_00_00_12UL, 1U, 36U),
        };
        driver.Store(Command, 8, driver.Number(command, 63));
        var at = 0;
        uint Here(int slot) => (uint)Program + ((uint)slot * 8);
        void Put(uint first, ulong second)
        {
            driver.Store(Program + ((ulong)at * 8), 8, driver.Number(first | (second << 32), 64));
            at++;
        }

        const int Dispatch = 2, DataAt = 9, StatusAt = 11, MessageAt = 13, Complete = 18, Gone = 21, End = 28;
        Put(0x41000000U | ((uint)target << 16), Here(End));
        Put(0x0E000000U | (what == 0 ? 1U : 3), driver.Address(Messages) & uint.MaxValue);
        Put(0x870B0000, Here(MessageAt));
        Put(0x810A0000, Here(DataAt));
        Put(0x800A0000, Here(DataAt));
        Put(0x830A0000, Here(StatusAt));
        Put(0x860B0000, Here(1));
        Put(0x0A000006, driver.Address(Command) & uint.MaxValue);
        Put(0x80080000, Here(Dispatch));
        Put((phase << 24) | (uint)driver.Number(length, 24), driver.Address(Data) & uint.MaxValue);
        Put(0x80080000, Here(Dispatch));
        Put(0x0B000001, driver.Address(Status) & uint.MaxValue);
        Put(0x80080000, Here(Dispatch));
        Put(0x0F000001, driver.Address(Status + 8) & uint.MaxValue);
        Put(0x800C0000, Here(Complete));
        Put(0x800C0004, Here(Gone));
        Put(0x60000040, 0);
        Put(0x80080000, Here(Dispatch));
        Put(0x60000040, 0);
        Put(0x48000000, 0);
        Put(0x98080000, 1);
        Put(0x60000040, 0);
        Put(0x48000000, 0);
        Put(0x50000000, Here(End));
        Put(0x0F000001, driver.Address(Status + 16) & uint.MaxValue);
        Put(0x60000040, 0);
        Put(0x80080000, Here(Dispatch));
        Put(0x80000000, 0);
        Put(0x98080000, 2);
    }

    // Instructions that are some, with addresses that are good for something, and a table that goes with them.
    private static void PutAny(FuzzWriter writer)
    {
        var random = writer.Random;
        for (var entry = 0; entry < 8; entry++)
        {
            writer.Store(Table + ((ulong)entry * 8), 8, writer.Number((ulong)random.Below(5000), 32) | (writer.Address(AnyData(writer)) << 32));
        }

        var length = 1 + random.Below(Slots - 2);
        var place = random.OneIn(3) ? FuzzBoard.BarHome(ScriptRamBar) : Program;
        for (var slot = 0; slot < length; slot++)
        {
            var (first, second) = Any(writer, length, place);
            writer.Store(place + ((ulong)slot * 8), 8, first | (second << 32));
        }

        writer.Store(place + ((ulong)length * 8), 8, 0x98080000 | (3UL << 32));
        if (place != Program)
        {
            writer.Store(Program, 8, 0x80080000 | (place << 32));
        }
    }

    private static (uint First, ulong Second) Any(FuzzWriter writer, int length, ulong place)
    {
        var random = writer.Random;
        if (writer.IsMistaken())
        {
            return ((uint)writer.AnyNumber(), writer.AnyNumber() & uint.MaxValue);
        }

        var phase = (uint)random.Of(0, 1, 2, 3, 6, 7) << 24;
        var jump = place + ((ulong)random.Below(length + 1) * 8);
        var register = (uint)random.Below(0x80) << 16;
        var data = (uint)random.Below(256) << 8;
        return random.Below(10) switch
        {
            0 => (0x08000000 | phase | (1 + (uint)random.Below(5000)), AnyData(writer)),
            1 => ((random.OneIn(2) ? 0x10000000U : 0x18000000) | phase, (ulong)random.Below(8) * 8),
            2 => (0x20000000 | phase | (1 + (uint)random.Below(100)), Table + 4),
            3 => (0x41000000 | ((uint)random.Below(3) << 16), jump),
            4 => (random.Of<uint>(0x48000000, 0x50000000, 0x58000008, 0x58000400, 0x60000048, 0x60000040, 0x60000400), jump),
            5 => (0x68000000 | ((uint)random.Below(3) << 27) | ((uint)random.Below(8) << 24) | register | data | (random.OneIn(4) ? 0x80U : 0), 0),
            6 => (0x80000000 | ((uint)random.Below(3) << 27) | phase | ((uint)random.Below(64) << 16) | data | (uint)random.Below(256), jump),
            7 => (0x98000000 | (random.OneIn(2) ? 0x00180000U : 0x00080000), (ulong)random.Below(256)),
            8 => (0xC0000000 | (uint)random.Below(300), AnyData(writer) & ~3UL),
            _ => AnyLoadOrStore(writer),
        };
    }

    private static (uint First, ulong Second) AnyLoadOrStore(FuzzWriter writer)
    {
        var random = writer.Random;
        var register = (uint)random.Below(0x40) * 4;
        var first = 0xE0000000 | (random.OneIn(2) ? 0x01000000U : 0) | (register << 16) | (1 + (uint)random.Below(4));
        return random.OneIn(2) ? (first | 0x10000000, (ulong)random.Below(64) * 4) : (first, AnyData(writer) & ~3UL);
    }

    private static ulong AnyData(FuzzWriter writer) => writer.Random.Below(8) switch
    {
        0 => FuzzBoard.BarHome(1) + (ulong)writer.Random.Below(0x400),
        1 => FuzzBoard.BarHome(ScriptRamBar) + (ulong)writer.Random.Below(0x2000),
        _ => Data + (ulong)writer.Random.Below(DataLength),
    };
}
