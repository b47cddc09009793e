namespace Emulator.Devices;

/// <summary>The time registers of an MC146818 as numbers, whatever the data mode shows them in.</summary>
/// <remarks>
/// Not thread-safe. A guest may write what is no date; the clock then stands still until it is one again. The
/// calendar is the Gregorian one; the chip's own takes every fourth year for a leap year.
/// </remarks>
internal struct RtcCalendar
{
    private const int SecondsPerDay = 86_400;

    public int Second;
    public int Minute;
    public int Hour;

    /// <summary>1–7, Sunday is 1; counted on its own and not derived from the date.</summary>
    public int DayOfWeek;
    public int Day;
    public int Month;

    /// <summary>Within the century.</summary>
    public int Year;
    public int Century;

    public RtcCalendar(DateTime time)
    {
        Second = time.Second;
        Minute = time.Minute;
        Hour = time.Hour;
        DayOfWeek = (int)time.DayOfWeek + 1;
        Day = time.Day;
        Month = time.Month;
        Year = time.Year % 100;
        Century = time.Year / 100;
    }

    public readonly int SecondOfDay => (Hour * 3600) + (Minute * 60) + Second;

    // The calendar repeats every 400 years; in this range DateTime knows all of them and has room to spare.
    private readonly int EquivalentYear => 2000 + (((Century * 100) + Year) % 400);

    public readonly bool IsValid =>
        Second is >= 0 and < 60 && Minute is >= 0 and < 60 && Hour is >= 0 and < 24
        && Month is >= 1 and <= 12 && Year is >= 0 and < 100 && Century is >= 0 and < 100
        && Day >= 1 && Day <= DateTime.DaysInMonth(EquivalentYear, Month);

    /// <summary>Lets seconds pass; nothing if this is no date.</summary>
    public void AddSeconds(long seconds)
    {
        if (!IsValid)
        {
            return;
        }

        int equivalent = EquivalentYear;
        long days = (SecondOfDay + seconds) / SecondsPerDay;
        DateTime time = new DateTime(equivalent, Month, Day, Hour, Minute, Second, DateTimeKind.Utc).AddSeconds(seconds);
        int year = ((Century * 100) + Year + time.Year - equivalent) % 10_000;
        Second = time.Second;
        Minute = time.Minute;
        Hour = time.Hour;
        DayOfWeek = DayOfWeek is >= 1 and <= 7 ? (int)((DayOfWeek - 1 + days) % 7) + 1 : DayOfWeek;
        Day = time.Day;
        Month = time.Month;
        Year = year % 100;
        Century = year / 100;
    }
}
