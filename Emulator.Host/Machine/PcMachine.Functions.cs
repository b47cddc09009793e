using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Disks;
using Emulator.Host.Functions;
using Emulator.Host.Network;
using Emulator.Memory;

namespace Emulator.Host.Machine;

/// <summary>What <c>-device</c> puts on the PCI bus.</summary>
internal sealed partial class PcMachine
{
    private readonly IoThreads _ioThreads;
    private readonly Networks _networks;
    private readonly Drives _drives;
    private readonly List<RamBlock> _expansionRoms = [];

    // The date at which the machine was switched on.
    private DateTime SwitchedOn { get; }

    private void AddFunctions(MachineDescription description, IReadOnlyDictionary<DeviceDescription, byte[]> expansionRoms)
    {
        _ioThreads.AddNamed(description.IoThreads);
        _networks.Wire(_ioThreads, _clock, SwitchedOn);
        _resettable.Add(_networks);
        var scsiBuses = new Dictionary<DeviceDescription, ScsiBus>();
        foreach (var device in description.Devices.Where(device => device.Model.IsFunction))
        {
            var function = Keep(device.Model.Make!(new FunctionParts(device, _ioThreads, _networks, _drives, _clock)));
            if (DmaOrderings.TryParse(device.Text("dma-ordering"), out var ordering, out _))
            {
                function.DmaOrderingOverride = ordering;
            }

            if (expansionRoms.TryGetValue(device, out var image))
            {
                var rom = new RamBlock($"{function.Name} ROM", (ulong)image.Length);
                rom.Load(0, image);
                _expansionRoms.Add(rom);
                function.AddExpansionRom(rom);
            }

            _bus.Add(function, device.DevFn);
            if (_simulation is not null)
            {
                function.SimulateDma(_simulation.Add(function.Name, isProcessor: false));
            }

            foreach (var (site, mutation) in description.Mutations)
            {
                function.Mutate(site, mutation);
            }

            if (function is IScsiController controller)
            {
                scsiBuses.Add(device, controller.ScsiBus);
            }
        }

        foreach (var device in description.Devices.Where(device => device.Model.IsScsiUnit))
        {
            scsiBuses[device.Controller!].Attach(device.Model.MakeUnit!(new UnitParts(device, _drives)), device.Target, device.Lun);
        }
    }
}
