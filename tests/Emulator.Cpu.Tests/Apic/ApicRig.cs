namespace Emulator.Cpu.Tests.Apic;

/// <summary>Local APICs with no processor behind them, switched on.</summary>
internal sealed class ApicRig : IDisposable
{
    public ApicRig(int processors = 1)
    {
        Bus = new ApicBus(processors, Clock);
        Wakes = new int[processors];
        for (var i = 0; i < processors; i++)
        {
            var processor = i;
            Bus[i].Wake = () => Interlocked.Increment(ref Wakes[processor]);
            Write(i, ApicRegister.SpuriousVector, 0x1FF);
        }

        Bus.EndOfInterrupt = Ended.Add;
    }

    public ManualApicClock Clock { get; } = new();

    public ApicBus Bus { get; }

    public LocalApic First => Bus[0];

    /// <summary>How often each processor was woken.</summary>
    public int[] Wakes { get; }

    /// <summary>The vectors whose end was told to the I/O APICs.</summary>
    public List<byte> Ended { get; } = [];

    public uint Read(int processor, ApicRegister register) => (uint)Bus[processor].Read((int)register, 4);

    public void Write(int processor, ApicRegister register, uint value) => Bus[processor].Write((int)register, 4, value);

    /// <summary>Writes ICR.</summary>
    public void Command(int sender, uint low, byte destination = 0)
    {
        Write(sender, ApicRegister.InterruptCommandHigh, (uint)destination << 24);
        Write(sender, ApicRegister.InterruptCommandLow, low);
    }

    /// <summary>Has a vector arrive at a processor, by message.</summary>
    public void Interrupt(byte vector, bool level = false, int processor = 0) =>
        Bus.Message(ApicBus.WindowBase | (uint)processor << 12, vector | (level ? 0xC000u : 0));

    /// <summary>Which processors have a vector requested.</summary>
    public int[] Requested(byte vector) =>
        [.. Enumerable.Range(0, Wakes.Length).Where(i => (Read(i, ApicRegister.InterruptRequest + (vector / 32 * 16)) >> (vector % 32) & 1) != 0)];

    public void EndOfInterrupt(int processor = 0) => Write(processor, ApicRegister.EndOfInterrupt, 0);

    public void Dispose() => Bus.Dispose();
}
