using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

// What the I/O thread does with the function: takes a script over, interrupts, and ends it.
public sealed partial class DmaTestFunction
{
    // Of the script that runs; on the I/O thread.
    private uint _sequence;
    private ulong? _record;

    // INTERRUPT_VECTOR, for whoever raises a cause.
    private volatile int _vector;

    /// <summary>Gives the script what the doorbell was rung with; false if there was a reset.</summary>
    internal bool Begin(DmaTestScript script)
    {
        lock (_lock)
        {
            if (Queue.IsStale || !_isStarting)
            {
                return false;
            }

            _isStarting = false;
            _sequence = (uint)_registers[DmaTestRegister.Sequence];
            _record = ((DmaTestControl)_registers[DmaTestRegister.Control] & DmaTestControl.Record) != 0
                ? _registers[DmaTestRegister.RecordAddress]
                : null;
            script.TakeOver(_program, _registers, _start);
            return true;
        }
    }

    /// <summary>Sets causes. Without the device's lock: causes and their enables keep their own order.</summary>
    internal void Raise(uint causes)
    {
        if (Dma.IsDropped(InterruptSites.MaskRecheck))
        {
            _causes.RaiseUnfenced(causes);
        }
        else
        {
            _causes.Raise(causes);
        }
    }

    /// <summary>Sends a message; false if the guest has enabled none.</summary>
    internal bool SendMessage(int vector) =>
        _msix.Signal(vector) || _msi.Signal(vector & (DmaTestRegisters.Messages - 1));

    /// <summary>Tells the guest how a script ended: the record, the registers, the interrupt.</summary>
    internal void End(DmaTestResult result)
    {
        // The doorbell may be rung once the record is there, before STATUS says that this script is over.
        lock (_lock)
        {
            if (Queue.IsStale)
            {
                return;
            }

            _isEnding = true;
            for (var i = 0; i < DmaTestRegisters.ScriptRegisters; i++)
            {
                _registers[DmaTestRegisters.R(i)] = result.Registers[i];
            }
        }

        var refused = result.Refusal != DmaStatus.Ok ? 1U : 0;
        if (_record is { } address)
        {
            var status = WriteRecord(address, in result);
            if (status != DmaStatus.Ok)
            {
                refused++;
                if (result.State != DmaTestState.Failed)
                {
                    (result.State, result.Error, result.Refusal, result.FaultAddress) = (DmaTestState.Failed, DmaTestError.Record, status, address);
                }
            }
        }

        lock (_lock)
        {
            if (Queue.IsStale)
            {
                return;
            }

            _isEnding = false;
            _registers[DmaTestRegister.Refused] += refused;
            _registers[DmaTestRegister.Executed] = result.Executed;
            _registers[DmaTestRegister.FaultAddress] = result.FaultAddress;
            if (!_isStarting)
            {
                _registers[DmaTestRegister.Status] = result.Status;
            }
        }

        Raise((uint)result.Cause);
    }

    // dma-test.completion.record-before-status: the body, then the word that says it is there, by one store. Pairs with the
    // guest's read barrier between reading SEQUENCE and the body.
    private DmaStatus WriteRecord(ulong address, in DmaTestResult result)
    {
        var body = result.Body;
        return Dma.WriteThenPublish(
            address + DmaTestRecordBody.Offset,
            MemoryMarshal.AsBytes(new ReadOnlySpan<DmaTestRecordBody>(in body)),
            address,
            result.Status | ((ulong)_sequence << 32),
            DmaTestSites.RecordBeforeStatus);
    }
}
