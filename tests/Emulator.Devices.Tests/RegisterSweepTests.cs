using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Whatever a guest does to a device's registers, the device answers and lives.</summary>
public class RegisterSweepTests
{
    private const int Rounds = 400;

    public static TheoryData<string> Names => [.. Devices(new ManualClock()).Select(static device => device.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_device_survives_every_offset_and_size_with_random_values(string name)
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var clock = new ManualClock();
        Device device = Devices(clock).Single(candidate => candidate.Name == name);
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                foreach ((IBusTarget target, int length) in device.Windows)
                {
                    Sweep(target, length, random);
                }

                // A tenth of a second at most: the fastest periodic timers must not make the test slow.
                clock.Advance(random.Next(4) == 0 ? random.Next(100_000_000) : random.Next(5000));
                if (random.Next(50) == 0)
                {
                    device.Resettable.Reset();
                }
            }
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{name}, seed {seed}: {e}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_device_reads_after_a_reset_as_it_did_when_it_was_made(string name)
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var clock = new ManualClock();
        Device device = Devices(clock).Single(candidate => candidate.Name == name);
        Device untouched = Devices(clock).Single(candidate => candidate.Name == name);
        foreach ((IBusTarget target, int length) in device.Windows)
        {
            Sweep(target, length, random);
        }

        device.Resettable.Reset();
        untouched.Resettable.Reset();

        for (int i = 0; i < device.Windows.Length; i++)
        {
            for (int offset = 0; offset < device.Windows[i].Length; offset++)
            {
                if ((name, offset) is ("uart", 7) or ("rtc", 1))
                {
                    // A reset does not reach the scratch register, nor what the battery keeps.
                    continue;
                }

                byte expected = untouched.Windows[i].Target.In(offset);
                Assert.True(expected == device.Windows[i].Target.In(offset), $"{name}, window {i}, offset {offset}, seed {seed}");
            }
        }
    }

    private static void Sweep(IBusTarget target, int length, Random random)
    {
        for (int offset = 0; offset < length + 2; offset++)
        {
            foreach (int size in new[] { 1, 2, 4, 8 })
            {
                ulong value = (ulong)random.NextInt64() & (size == 8 ? ulong.MaxValue : (1UL << (8 * size)) - 1);
                BusStatus written = random.Next(2) == 0 ? target.Write((ulong)offset, size, value) : BusStatus.Ok;
                BusStatus read = target.Read((ulong)offset, size, out ulong result);

                Assert.True(Enum.IsDefined(written) && Enum.IsDefined(read));
                Assert.True(size == 8 || read != BusStatus.Ok || result >> (8 * size) == 0);
                Assert.True(offset < length || read == BusStatus.InvalidRegister);
            }
        }
    }

    private static IEnumerable<Device> Devices(ManualClock clock)
    {
        var line = new RecordingLine();
        var pair = new I8259Pair();
        yield return new Device("pic", pair, (pair.Master, 2), (pair.Slave, 2));

        var pit = new I8254(clock, pair.Input(0));
        yield return new Device("pit", pit, (pit, 4));

        var rtc = new Mc146818(clock, pair.Input(8), new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        yield return new Device("rtc", rtc, (rtc, 2));

        var uart = new Uart16550("com1", clock, pair.Input(4), new QueueBackend());
        yield return new Device("uart", uart, (uart, 8));

        var debugExit = new IsaDebugExit(static _ => { });
        yield return new Device("isa-debug-exit", debugExit, (debugExit, 4));

        var debugConsole = new IsaDebugConsole(static _ => { });
        yield return new Device("isa-debugcon", debugConsole, (debugConsole, 1));

        var keyboard = new I8042(line, line);
        yield return new Device("i8042", keyboard, (keyboard.Data, 1), (keyboard.Command, 1));

        var portB = new SystemControlPortB(new I8254(clock, line), clock);
        yield return new Device("port-61", portB, (portB, 1));

        var portA = new SystemControlPortA();
        yield return new Device("port-92", portA, (portA, 1));

        var pages = new DmaPageRegisters();
        yield return new Device("dma-pages", pages, (pages, 16));

        var bytes = new I8237(wide: false);
        yield return new Device("dma-1", bytes, (bytes, 16));

        var words = new I8237(wide: true);
        yield return new Device("dma-2", words, (words, 32));

        var apm = new ApmControl();
        yield return new Device("apm", apm, (apm, 2));

        var power = new PmRegisters(clock, line);
        yield return new Device("pm", power, (power, 16));
    }

    private sealed record Device(string Name, IResettable Resettable, params (IBusTarget Target, int Length)[] Windows);
}
