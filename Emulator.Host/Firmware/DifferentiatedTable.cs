using System.Globalization;
using Emulator.Host.Machine;
using Emulator.Pci;

namespace Emulator.Host.Firmware;

/// <summary>DSDT: the board as devices with names, resources and interrupt routing, in ACPI machine language.</summary>
internal static class DifferentiatedTable
{
    private const int Slots = 32;

    /// <summary>The table for a board.</summary>
    public static byte[] Build(BoardDescription board) => AcpiTables.Table("DSDT", 2, [
        .. Aml.Scope("\\_SB", [.. Processors(board), RootBridge(board)]),

        // The values of SLP_TYP for soft off: the only state besides working.
        .. Aml.Name("_S5", Aml.Package(Aml.Integer(0), Aml.Integer(0), Aml.Integer(0), Aml.Integer(0))),
    ]);

    private static IEnumerable<byte[]> Processors(BoardDescription board) => Enumerable.Range(0, board.ApicIds.Length)
        .Select(i => Aml.Device(
            string.Create(CultureInfo.InvariantCulture, $"C{i:X3}"),
            Aml.Name("_HID", Aml.String("ACPI0007")),
            Aml.Name("_UID", Aml.Integer((ulong)i))));

    private static byte[] RootBridge(BoardDescription board) => Aml.Device(
        "PCI0",
        Aml.Name("_HID", Aml.EisaId("PNP0A03")),
        Aml.Name("_BBN", Aml.Integer(0)),
        Aml.Name("_UID", Aml.Integer(0)),
        Aml.Name("_CRS", Windows(board)),
        Aml.Name("_PRT", InterruptRouting(board)),
        Aml.Device("ISA", [Aml.Name("_ADR", Aml.Integer(0x0001_0000)), .. IsaDevices(board)]));

    // All ports but configuration's, the video window, and where firmware puts BARs.
    private static byte[] Windows(BoardDescription board)
    {
        const ushort ConfigurationPorts = 0xCF8;
        var windows = new AmlResources()
            .BusNumbers(0, 0xFF)
            .Ports(ConfigurationPorts, 8)
            .PortWindow(0, ConfigurationPorts - 1)
            .PortWindow(ConfigurationPorts + 8, 0xFFFF)
            .MemoryWindow(new PhysicalRange(MemoryLayout.VideoWindow, MemoryLayout.ShadowArea - MemoryLayout.VideoWindow), cacheable: true);
        foreach (var range in board.PciMemory)
        {
            windows.MemoryWindow(range);
        }

        return windows.ToBuffer();
    }

    // Each pin of each slot by the wire it is on, straight to the interrupt controllers' input (6.2.8).
    private static byte[] InterruptRouting(BoardDescription board)
    {
        var routes = new List<byte[]>();
        for (var slot = 0; slot < Slots; slot++)
        {
            for (var pin = 1; pin <= 4; pin++)
            {
                if (board.InputOf(slot, pin) is >= 0 and var input)
                {
                    var address = ((ulong)slot << 16) | 0xFFFF;      // any function
                    routes.Add(Aml.Package(Aml.Integer(address), Aml.Integer((ulong)pin - 1), Aml.Integer(0), Aml.Integer((ulong)input)));
                }
            }
        }

        return Aml.Package([.. routes]);
    }

    private static IEnumerable<byte[]> IsaDevices(BoardDescription board)
    {
        yield return IsaDevice("PIC", "PNP0000", new AmlResources().Ports(0x20, 2).Ports(0xA0, 2).Ports(0x4D0, 2).Irq(2));
        yield return IsaDevice("DMAC", "PNP0200", new AmlResources().Ports(0x00, 16).Ports(0x81, 15).Ports(0xC0, 32));
        yield return IsaDevice("TIMR", "PNP0100", new AmlResources().Ports(0x40, 4).Irq(0));
        yield return IsaDevice("RTC", "PNP0B00", new AmlResources().Ports(0x70, 2).Irq(8));
        yield return IsaDevice("SPKR", "PNP0800", new AmlResources().Ports(0x61, 1));
        yield return IsaDevice("KBD", "PNP0303", new AmlResources().Ports(0x60, 1).Ports(0x64, 1).Irq(1));
        foreach (var (number, port, irq) in board.SerialPorts)
        {
            yield return Aml.Device(
                string.Create(CultureInfo.InvariantCulture, $"COM{number}"),
                Aml.Name("_HID", Aml.EisaId("PNP0501")),
                Aml.Name("_UID", Aml.Integer((ulong)number)),
                Present(),
                Aml.Name("_CRS", new AmlResources().Ports(port, 8).Irq(irq).ToBuffer()));
        }

        // What nobody else may be given: POST code, port 92, APM, power management.
        yield return IsaDevice(
            "SYSR",
            "PNP0C02",
            new AmlResources().Ports(0x80, 1).Ports(0x92, 1).Ports(0xB2, 2).Ports(FirmwareSetup.PowerManagementPorts, Devices.PmRegisters.Length));
    }

    private static byte[] IsaDevice(string name, string id, AmlResources resources) => Aml.Device(
        name, Aml.Name("_HID", Aml.EisaId(id)), Present(), Aml.Name("_CRS", resources.ToBuffer()));

    // There, enabled, shown, working.
    private static byte[] Present() => Aml.Method("_STA", 0, Aml.Return(Aml.Integer(0xF)));
}
