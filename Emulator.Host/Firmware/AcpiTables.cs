using Emulator.Devices;
using Emulator.Pci;

namespace Emulator.Host.Firmware;

/// <summary>The fixed tables of ACPI, in the formats of ACPI 2.0 (FADT revision 3, RSDP revision 2), which earlier readers understand too.</summary>
internal static class AcpiTables
{
    /// <summary>Bytes of the header that most tables share (ACPI 2.0, 5.2.5).</summary>
    public const int HeaderSize = 36;

    private const int ChecksumOffset = 9;
    private const ushort ApmControlPort = 0xB2;
    private const ushort ResetControlPort = 0xCF9;
    private const byte HardReset = 0x06;
    private const byte CenturyRegister = 0x32;

    // IAPC_BOOT_ARCH: there are devices on ISA, one of them is a keyboard controller.
    private const ushort BootArchitecture = 0x0003;

    // Latencies above 100 and 1000 microseconds say that there is no C2 and no C3.
    private const ushort NoPowerState = 0x0FFF;

    [Flags]
    private enum Features : uint
    {
        Wbinvd = 1 << 0,
        ProcessorC1 = 1 << 2,
        NoFixedPowerButton = 1 << 4,
        NoFixedSleepButton = 1 << 5,
        NoFixedClockAlarm = 1 << 6,
        ResetRegister = 1 << 10,
    }

    private enum Entry : byte
    {
        LocalApic,
        IoApic,
        SourceOverride,
        LocalApicNmi = 4,
    }

    /// <summary>A table of the common shape.</summary>
    /// <param name="signature">Four characters.</param>
    /// <param name="revision">Of the table's format.</param>
    /// <param name="body">What follows the header.</param>
    public static byte[] Table(string signature, byte revision, ReadOnlySpan<byte> body) => new TableWriter()
        .Text(signature, 4).Dword((uint)(HeaderSize + body.Length)).Byte(revision).Byte(0)
        .Text(TableIdentity.Oem, 6).Text(TableIdentity.Table, 8).Dword(1).Text(TableIdentity.Creator, 4).Dword(1)
        .Bytes(body).Finish(ChecksumOffset);

    /// <summary>The root pointer (5.2.4.3), to be put at a multiple of 16 below 1 MiB. Two checksums: of what ACPI 1.0 knew, and of all.</summary>
    public static byte[] RootPointer(ulong rsdt, ulong xsdt)
    {
        const int FirstFormat = 20;
        const int Length = 36;
        var pointer = new TableWriter()
            .Text("RSD PTR ", 8).Byte(0).Text(TableIdentity.Oem, 6).Byte(2).Dword(rsdt).Dword(Length).Qword(xsdt).Byte(0).Zeros(3)
            .Finish(checksum: 8, covered: FirstFormat);
        TableWriter.SetChecksum(pointer, 32, Length);
        return pointer;
    }

    /// <summary>RSDT: the tables' addresses in 32 bits.</summary>
    public static byte[] RootTable(params ReadOnlySpan<ulong> tables)
    {
        var body = new TableWriter();
        foreach (var table in tables)
        {
            body.Dword(table);
        }

        return Table("RSDT", 1, body.ToArray());
    }

    /// <summary>XSDT: the tables' addresses in 64 bits.</summary>
    public static byte[] ExtendedRootTable(params ReadOnlySpan<ulong> tables)
    {
        var body = new TableWriter();
        foreach (var table in tables)
        {
            body.Qword(table);
        }

        return Table("XSDT", 1, body.ToArray());
    }

    /// <summary>FACS (5.2.9): memory that operating system and firmware share; at a multiple of 64.</summary>
    public static byte[] FirmwareControlStructure() => new TableWriter().Text("FACS", 4).Dword(64).Zeros(24).Byte(1).Zeros(31).ToArray();

    /// <summary>FADT (5.2.8): the registers of power management.</summary>
    /// <remarks>
    /// SCI_EN is 0 after a reset, as on the part, and is handed over through the APM control port; a guest that finds
    /// SMI_CMD 0 would take it for set already.
    /// </remarks>
    public static byte[] FixedDescription(ulong facs, ulong dsdt)
    {
        const Features Features = Features.Wbinvd | Features.ProcessorC1 | Features.NoFixedPowerButton
            | Features.NoFixedSleepButton | Features.NoFixedClockAlarm | Features.ResetRegister;
        const int Pm = FirmwareSetup.PowerManagementPorts;
        const int Event = Pm + (int)PmRegister.Status;
        const int Control = Pm + (int)PmRegister.Control;
        const int Timer = Pm + (int)PmRegister.Timer;
        const int General = Pm + (int)PmRegister.GeneralStatus;
        var body = new TableWriter()
            .Dword(facs).Dword(dsdt)
            .Byte(0).Byte(0)                                // reserved; no preferred profile
            .Word(FirmwareSetup.SystemControlInterrupt)
            .Dword(ApmControlPort).Byte(PmRegisters.AcpiEnable).Byte(PmRegisters.AcpiDisable).Byte(0).Byte(0)
            .Dword(Event).Dword(0).Dword(Control).Dword(0).Dword(0).Dword(Timer).Dword(General).Dword(0)
            .Byte(4).Byte(2).Byte(0).Byte(4).Byte(4).Byte(0).Byte(0).Byte(0)
            .Word(NoPowerState).Word(NoPowerState)
            .Word(0).Word(0).Byte(0).Byte(0)                // WBINVD flushes; no throttling
            .Byte(0).Byte(0).Byte(CenturyRegister)
            .Word(BootArchitecture).Byte(0).Dword((uint)Features);
        AddPort(body, ResetControlPort, 1);
        body.Byte(HardReset).Zeros(3);
        body.Qword(0).Qword(dsdt);
        AddPort(body, Event, 4);
        AddPort(body, 0, 0);
        AddPort(body, Control, 2);
        AddPort(body, 0, 0);
        AddPort(body, 0, 0);
        AddPort(body, Timer, 4);
        AddPort(body, General, 4);
        AddPort(body, 0, 0);
        return Table("FACP", 3, body.ToArray());
    }

    /// <summary>MADT (5.2.10.4): processors, I/O APIC, and where its inputs differ from ISA's interrupts.</summary>
    public static byte[] MultipleApics(BoardDescription board)
    {
        const int HasLegacyPics = 1;
        const int Enabled = 1;
        const int ActiveHighLevel = 0x000D;
        const int AllProcessors = 0xFF;
        var body = new TableWriter().Dword(BoardDescription.LocalApicAddress).Dword(HasLegacyPics);
        for (var i = 0; i < board.ApicIds.Length; i++)
        {
            body.Byte((int)Entry.LocalApic).Byte(8).Byte(i).Byte(board.ApicIds[i]).Dword(Enabled);
        }

        body.Byte((int)Entry.IoApic).Byte(12).Byte(BoardDescription.IoApicId).Byte(0).Dword(BoardDescription.IoApicAddress).Dword(0);
        foreach (var irq in BoardDescription.IsaInterrupts)
        {
            var input = BoardDescription.InputOf(irq);
            var shared = BoardDescription.IsShared(irq);
            if (input != irq || shared)
            {
                body.Byte((int)Entry.SourceOverride).Byte(10).Byte(0).Byte(irq).Dword((uint)input).Word(shared ? ActiveHighLevel : 0);
            }
        }

        body.Byte((int)Entry.LocalApicNmi).Byte(6).Byte(AllProcessors).Word(0).Byte(BoardDescription.NonMaskableInput);
        return Table("APIC", 1, body.ToArray());
    }

    // A generic address: I/O space, so many bits from bit 0, any access size.
    private static void AddPort(TableWriter table, int port, int bytes)
    {
        table.Byte(bytes == 0 ? 0 : 1).Byte(bytes * 8).Byte(0).Byte(0).Qword((ulong)port);
    }
}
