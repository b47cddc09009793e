using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>What PORT writes to memory: the result of the self-test, and the dump (8255x manual, 6.3.3).</summary>
internal sealed class Eepro100PortWork(Eepro100Function function) : IoWork
{
    // Any number but 0 says that the test has run.
    private const uint Signature = 0xFFFFFFFF;

    // Under the device's lock.
    private uint? _selfTest;
    private uint? _dumpTo;

    /// <summary>The driver wrote PORT; the caller posts. Under the device's lock.</summary>
    /// <param name="command">Self-test or dump.</param>
    /// <param name="address">Where to, a multiple of 16.</param>
    public void Accept(Eepro100PortCommand command, uint address)
    {
        if (command == Eepro100PortCommand.SelfTest)
        {
            _selfTest = address;
        }
        else
        {
            _dumpTo = address;
        }
    }

    /// <summary>As after a reset. Under the device's lock, with nothing running.</summary>
    public void Reset() => (_selfTest, _dumpTo) = (null, null);

    /// <inheritdoc/>
    protected internal override void Run()
    {
        uint? selfTest, dumpTo;
        lock (function.Lock)
        {
            (selfTest, dumpTo) = (_selfTest, _dumpTo);
        }

        // The driver waits for the result to be 0, and then wants the signature.
        if (selfTest is { } test && (function.Dma.Store(test, Signature) != DmaStatus.NotBusMaster)
            && function.Dma.Publish(test + 4UL, 0U, Eepro100Sites.WorkBeforeStatus) != DmaStatus.NotBusMaster)
        {
            lock (function.Lock)
            {
                _selfTest = null;
            }
        }

        if (dumpTo is { } to && function.Dma.Write(to, function.Dump()) != DmaStatus.NotBusMaster)
        {
            lock (function.Lock)
            {
                _dumpTo = null;
            }
        }
    }
}
