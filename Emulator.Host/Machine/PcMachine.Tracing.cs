using Emulator.Host.Tracing;
using Emulator.Host.Vcpus;
using Emulator.Memory;

namespace Emulator.Host.Machine;

/// <summary>What <c>-trace</c> attaches to.</summary>
internal sealed partial class PcMachine
{
    private TraceRecorder? _recorder;
    private TraceFile? _trace;

    /// <summary>Records DMA to a stream; before <see cref="Start"/>. It is complete when the machine is disposed.</summary>
    /// <param name="description">What the machine was built from.</param>
    /// <param name="stream">Takes the trace; closed with the machine.</param>
    /// <param name="tell">Told, in a line, if the trace ends early.</param>
    public void Trace(MachineDescription description, Stream stream, Action<string> tell)
    {
        var trace = description.Trace!;
        _recorder = new TraceRecorder(line => _trace!.Add(line), description.MemoryModel == MemoryModel.Host ? null : _simulation)
        {
            Clock = () => _clock.NowNanoseconds,
            HasHostTime = _schedule is null,
            HasProcessors = trace.HasProcessors,
        };
        foreach (var (i, vcpu) in _vcpus.Index())
        {
            vcpu.InterruptTaken = _recorder.AddProcessor(NameOf(i), VcpuThread.NameOf(i));
        }

        foreach (var device in description.Devices.Where(device => device.Model.IsFunction))
        {
            _recorder.Add(_bus[device.DevFn]!);
        }

        var header = new TraceHeader
        {
            Model = MemoryModels.Name(description.MemoryModel),
            Schedule = _schedule is null ? TraceNames.Free : TraceNames.Deterministic,
            Seed = description.Seed,
            Lanes = [.. _recorder.Lanes],
        };
        _trace = new TraceFile(stream, trace.File, header, tell, mayLose: _schedule is null, trace.Limit);
    }

    private void EndTrace()
    {
        _recorder?.Finish();
        _trace?.Dispose();
    }
}
