using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>The MC146818 real-time clock and CMOS RAM of a PC: index at port 0x70, data at 0x71, IRQ 8.</summary>
/// <remarks>
/// Thread-safe. Time is worked out when somebody looks: what has passed since the last look is added to the
/// registers and to the flags of register C. A timer runs only while an interrupt is enabled and not yet
/// requested. Not implemented: the square wave, daylight saving, crystals other than 32.768 kHz.
/// </remarks>
public sealed class Mc146818 : ByteWindow, IResettable, IDisposable
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long CrystalFrequency = 32_768;
    private const int SecondsPerDay = 86_400;

    // UIP rises 244 µs before an update, which takes 1984 µs (data sheet, "Update Cycle"). Registers change at its end.
    private const long UpdateCycleNanoseconds = 2_228_000;
    private const byte DontCare = 0xC0;
    private const byte ValidRamAndTime = 0x80;

    private readonly Lock gate = new();
    private readonly IClock clock;
    private readonly InterruptLine irq8;
    private readonly ITimer timer;
    private readonly byte[] ram = new byte[128];

    private int index;
    private bool nmiMasked;
    private RtcRegisterA registerA = RtcRegisterA.Divider32KHz | (RtcRegisterA)6;
    private RtcRegisterB registerB = RtcRegisterB.Hours24;
    private RtcRegisterC registerC;
    private RtcCalendar calendar;
    private long dividerOrigin;
    private long updates;
    private long periods;
    private bool lineLevel;

    /// <summary>Makes the clock, running, in BCD and 24-hour mode.</summary>
    /// <param name="clock">What the crystal follows.</param>
    /// <param name="irq8">The interrupt output.</param>
    /// <param name="start">The date and time at this moment, as the guest is to see it (UTC, as a rule).</param>
    public Mc146818(IClock clock, InterruptLine irq8, DateTime start)
        : base(2)
    {
        this.clock = clock;
        this.irq8 = irq8;
        timer = clock.CreateTimer("rtc", OnTimer);
        calendar = new RtcCalendar(start);
        dividerOrigin = clock.NowNanoseconds - (start.Ticks % TimeSpan.TicksPerSecond * 100);
        periods = Ticks / PeriodTicks;
    }

    /// <summary>Bit 7 of the index port: NMI does not reach the processor.</summary>
    public bool NmiMasked => Volatile.Read(ref nmiMasked);

    private bool Running => (registerA & RtcRegisterA.Divider) == RtcRegisterA.Divider32KHz;

    private bool Updating => Running && (registerB & RtcRegisterB.Set) == 0;

    private bool UpdateInProgress =>
        Updating && dividerOrigin + ((updates + 1) * NanosecondsPerSecond) - clock.NowNanoseconds <= UpdateCycleNanoseconds;

    /// <summary>Crystal periods since the divider started.</summary>
    private long Ticks
    {
        get
        {
            (long seconds, long rest) = Math.DivRem(clock.NowNanoseconds - dividerOrigin, NanosecondsPerSecond);
            return (seconds * CrystalFrequency) + (rest * CrystalFrequency / NanosecondsPerSecond);
        }
    }

    /// <summary>The period of the periodic interrupt in ticks; never, in effect, for a rate of zero (data sheet, table "Periodic Interrupt Rate").</summary>
    private long PeriodTicks => (int)(registerA & RtcRegisterA.RateSelection) switch
    {
        0 => long.MaxValue,
        1 => 128,
        2 => 256,
        int rate => 1L << (rate - 1),
    };

    private RtcFormat Format => new(registerB);

    /// <summary>A byte of the RAM or a register as a read of the data port would give it, without its side effects.</summary>
    /// <param name="address">0–127.</param>
    public byte Peek(int address)
    {
        lock (gate)
        {
            CatchUp();
            return Get((CmosRegister)(address & 0x7F));
        }
    }

    /// <summary>Puts a byte into the RAM, as a set-up program would have.</summary>
    /// <param name="address">14–127; the registers below are the guest's.</param>
    /// <param name="value">The byte.</param>
    public void Store(int address, byte value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(address, (int)CmosRegister.D + 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(address, ram.Length);
        lock (gate)
        {
            ram[address] = value;
        }
    }

    /// <summary>Puts the number of processors where QEMU's firmware looks for it.</summary>
    /// <param name="processors">1 to 255.</param>
    public void StoreProcessorCount(int processors) => Store((int)CmosRegister.AdditionalProcessors, (byte)(processors - 1));

    /// <summary>Puts the memory's size where firmware looks for it, and the checksum right.</summary>
    public void StoreMemorySize(CmosMemorySize size)
    {
        const ulong KiB = 1024;
        const ulong MiB = 1024 * KiB;
        lock (gate)
        {
            ulong extended = Math.Min(Above(size.Below4GiB, MiB) / KiB, 0xFFFF);
            StoreBytes(CmosRegister.BaseMemoryLow, 2, Math.Min(size.Below4GiB / KiB, 640));
            StoreBytes(CmosRegister.ExtendedMemoryLow, 2, extended);
            StoreBytes(CmosRegister.TestedMemoryLow, 2, extended);
            StoreBytes(CmosRegister.MemoryAbove16MiBLow, 2, Math.Min(Above(size.Below4GiB, 16 * MiB) / (64 * KiB), 0xFFFF));
            StoreBytes(CmosRegister.MemoryAbove4GiBLow, 3, Math.Min(size.Above4GiB / (64 * KiB), 0xFFFFFF));

            int sum = 0;
            for (int i = 0x10; i < (int)CmosRegister.ChecksumHigh; i++)
            {
                sum += ram[i];
            }

            ram[(int)CmosRegister.ChecksumHigh] = (byte)(sum >> 8);
            ram[(int)CmosRegister.ChecksumLow] = (byte)sum;
        }
    }

    /// <summary>RESET: interrupts off and their flags clear. The time and the RAM stay, as on battery.</summary>
    public void Reset()
    {
        lock (gate)
        {
            CatchUp();
            index = 0;
            Volatile.Write(ref nmiMasked, false);
            registerB &= ~(RtcRegisterB.Interrupts | RtcRegisterB.SquareWave);
            registerC = RtcRegisterC.None;
            Settle();
        }
    }

    /// <summary>Gives the timer back to the clock.</summary>
    public void Dispose() => timer.Dispose();

    private protected override byte ReadByte(int offset)
    {
        if (offset == 0)
        {
            // The index port is write-only.
            return 0xFF;
        }

        lock (gate)
        {
            CatchUp();
            byte value = Get((CmosRegister)index);
            if (index == (int)CmosRegister.C)
            {
                registerC = RtcRegisterC.None;
            }

            Settle();
            return value;
        }
    }

    private protected override void WriteByte(int offset, byte value)
    {
        lock (gate)
        {
            if (offset == 0)
            {
                index = value & 0x7F;
                Volatile.Write(ref nmiMasked, (value & 0x80) != 0);
                return;
            }

            CatchUp();
            Put((CmosRegister)index, value);
            Settle();
        }
    }

    private static ulong Above(ulong size, ulong limit) => size > limit ? size - limit : 0;

    private void StoreBytes(CmosRegister first, int count, ulong value)
    {
        for (int i = 0; i < count; i++)
        {
            ram[(int)first + i] = (byte)(value >> (8 * i));
        }
    }

    private byte Get(CmosRegister register) => register switch
    {
        CmosRegister.Seconds => Format.Encode(calendar.Second),
        CmosRegister.Minutes => Format.Encode(calendar.Minute),
        CmosRegister.Hours => Format.EncodeHour(calendar.Hour),
        CmosRegister.DayOfWeek => Format.Encode(calendar.DayOfWeek),
        CmosRegister.DateOfMonth => Format.Encode(calendar.Day),
        CmosRegister.Month => Format.Encode(calendar.Month),
        CmosRegister.Year => Format.Encode(calendar.Year),
        CmosRegister.Century => Format.Encode(calendar.Century),
        CmosRegister.A => (byte)(registerA | (UpdateInProgress ? RtcRegisterA.UpdateInProgress : 0)),
        CmosRegister.B => (byte)registerB,
        CmosRegister.C => (byte)(registerC | (InterruptRequested ? RtcRegisterC.InterruptRequest : RtcRegisterC.None)),
        CmosRegister.D => ValidRamAndTime,
        _ => ram[(int)register],
    };

    private void Put(CmosRegister register, byte value)
    {
        switch (register)
        {
            case CmosRegister.Seconds:
                calendar.Second = Format.Decode(value);
                break;
            case CmosRegister.Minutes:
                calendar.Minute = Format.Decode(value);
                break;
            case CmosRegister.Hours:
                calendar.Hour = Format.DecodeHour(value);
                break;
            case CmosRegister.DayOfWeek:
                calendar.DayOfWeek = Format.Decode(value);
                break;
            case CmosRegister.DateOfMonth:
                calendar.Day = Format.Decode(value);
                break;
            case CmosRegister.Month:
                calendar.Month = Format.Decode(value);
                break;
            case CmosRegister.Year:
                calendar.Year = Format.Decode(value);
                break;
            case CmosRegister.Century:
                calendar.Century = Format.Decode(value);
                break;
            case CmosRegister.A:
                WriteA((RtcRegisterA)value & ~RtcRegisterA.UpdateInProgress);
                break;
            case CmosRegister.B:
                WriteB((RtcRegisterB)value);
                break;
            case CmosRegister.C:
            case CmosRegister.D:
                break;
            default:
                ram[(int)register] = value;
                break;
        }
    }

    private void WriteA(RtcRegisterA value)
    {
        bool wasRunning = Running;
        registerA = value;
        if (Running && !wasRunning)
        {
            // The first update comes half a second after the divider is let go (data sheet, "Divider Control").
            dividerOrigin = clock.NowNanoseconds - (NanosecondsPerSecond / 2);
            updates = 0;
        }

        periods = Ticks / PeriodTicks;
    }

    private void WriteB(RtcRegisterB value)
    {
        if ((value & RtcRegisterB.Set) != 0 && (registerB & RtcRegisterB.Set) == 0)
        {
            value &= ~RtcRegisterB.UpdateEndedInterrupt;
        }

        registerB = value;
    }

    /// <summary>Lets what has passed since the last look happen.</summary>
    private void CatchUp()
    {
        if (!Running)
        {
            return;
        }

        long period = Ticks / PeriodTicks;
        if (period != periods)
        {
            periods = period;
            registerC |= RtcRegisterC.Periodic;
        }

        long due = (clock.NowNanoseconds - dividerOrigin) / NanosecondsPerSecond;
        long seconds = due - updates;
        updates = due;
        if (seconds > 0 && Updating)
        {
            registerC |= RtcRegisterC.UpdateEnded;
            if (AlarmWithin(seconds))
            {
                registerC |= RtcRegisterC.Alarm;
            }

            calendar.AddSeconds(seconds);
        }
    }

    private bool AlarmWithin(long seconds)
    {
        if ((registerC & RtcRegisterC.Alarm) != 0 || !calendar.IsValid)
        {
            return false;
        }

        int second = Alarm(CmosRegister.SecondsAlarm, Format.Decode);
        int minute = Alarm(CmosRegister.MinutesAlarm, Format.Decode);
        int hour = Alarm(CmosRegister.HoursAlarm, Format.DecodeHour);
        int now = calendar.SecondOfDay;
        for (int i = 1; i <= Math.Min(seconds, SecondsPerDay); i++)
        {
            int then = (now + i) % SecondsPerDay;
            if ((second < 0 || second == then % 60) && (minute < 0 || minute == then / 60 % 60) && (hour < 0 || hour == then / 3600))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The number in an alarm register, or -1 for any.</summary>
    private int Alarm(CmosRegister register, Func<byte, int> decode)
    {
        byte value = ram[(int)register];
        return (value & DontCare) == DontCare ? -1 : decode(value);
    }

    private bool InterruptRequested => ((int)registerC & (int)registerB & (int)RtcRegisterB.Interrupts) != 0;

    /// <summary>Drives IRQ 8 by the flags and sets the timer for the next event that could raise it.</summary>
    private void Settle()
    {
        bool level = InterruptRequested;
        if (level != lineLevel)
        {
            lineLevel = level;
            irq8.Set(level);
        }

        long due = level ? long.MaxValue : NextInterrupt();
        if (due == long.MaxValue)
        {
            timer.Cancel();
        }
        else
        {
            timer.Arm(due);
        }
    }

    private long NextInterrupt()
    {
        long due = long.MaxValue;
        if (Running && (registerB & RtcRegisterB.PeriodicInterrupt) != 0 && PeriodTicks != long.MaxValue)
        {
            (long seconds, long rest) = Math.DivRem((periods + 1) * PeriodTicks, CrystalFrequency);
            due = dividerOrigin + (seconds * NanosecondsPerSecond)
                + (((rest * NanosecondsPerSecond) + CrystalFrequency - 1) / CrystalFrequency);
        }

        if (Updating && (registerB & (RtcRegisterB.UpdateEndedInterrupt | RtcRegisterB.AlarmInterrupt)) != 0)
        {
            due = Math.Min(due, dividerOrigin + ((updates + 1) * NanosecondsPerSecond));
        }

        return due;
    }

    private void OnTimer()
    {
        lock (gate)
        {
            CatchUp();
            Settle();
        }
    }
}
