using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Disks;
using Emulator.Host.Tests.CommandLine;

namespace Emulator.Host.Tests.Disks;

/// <summary>What <c>-drive</c> and <c>drive=</c> say.</summary>
public sealed class DriveOptionsTests
{
    private static readonly DeviceModel s_disk = DeviceModel.DiskFunction("disk", "A disk", [], [], _ => throw new InvalidOperationException());
    private static readonly DeviceModel s_controller = DeviceModel.ScsiController<NoController>("scsi", "A controller", [], [], _ => throw new InvalidOperationException());
    private static readonly DeviceModel s_unit = DeviceModel.ScsiDisk("unit", "A SCSI disk", [], _ => throw new InvalidOperationException());

    [Theory]
    [InlineData("", "'' is not a property; give its properties: if=none,id=ID,file=PATH")]
    [InlineData("ram", "give its properties: if=none,id=ID,file=PATH")]
    [InlineData("driver=ram,size=64M", "property 'if' of 'ram' is missing: if=none|virtio|scsi")]
    [InlineData("driver=ram,size=64M,if=ide", "property 'if' of 'ram': 'ide' is not one of none, virtio, scsi")]
    [InlineData("driver=rma,if=none", "unknown driver 'rma'; did you mean 'ram'?")]
    [InlineData("driver=ram,if=none", "give its size once: driver=ram,size=64M or file=ram:64M")]
    [InlineData("file=ram:64M,size=64M,if=none", "give its size once: driver=ram,size=64M or file=ram:64M")]
    [InlineData("file=ram:lots,if=none", "property 'file' of 'ram': 'lots' is not a size")]
    [InlineData("file=ram:0,if=none", "'0' is not a multiple of 512 bytes up to 64G")]
    [InlineData("driver=ram,size=1000,if=none", "property 'size' of 'ram': '1000' is not a multiple of 512 bytes")]
    [InlineData("file=null-co://1G,if=none", "give the size by size=: file=null-co://,size=1G")]
    [InlineData("file=https://host/disk,if=none", "unknown protocol 'https:'; for a file of that name give file=./https://host/disk")]
    [InlineData("file=ram:1M,if=none,format=qcow2", "format 'qcow2' is not read here; let qemu-nbd -f qcow2 FILE serve it and give file=nbd://localhost")]
    [InlineData("driver=qcow2,file.filename=x,if=none", "format 'qcow2' is not read here")]
    [InlineData("file=ram:1M,if=none,media=cdrom", "property 'media' of 'ram': 'cdrom' is not one of disk")]
    [InlineData("file=ram:1M,if=none,cache=never", "'never' is not one of writeback, writethrough, none, directsync, unsafe")]
    [InlineData("file=ram:1M,if=none,readony=on", "drive 'ram' has no property 'readony'; did you mean 'readonly'?")]
    [InlineData("file=ram:1M,if=none,rerror=enospc", "'enospc' is not one of report, ignore, stop")]
    [InlineData("file=ram:1M,if=none,id=a -drive file=ram:1M,if=none,id=a", "property 'id': 'a' is taken; give another")]
    [InlineData("file=ram:1M,if=none,index=1,unit=1", "give 'index', or 'bus' and 'unit'")]
    [InlineData("file=ram:1M,if=none,index=1 -drive file=ram:2M,if=none,index=1", "-drive file=ram:2M: there is one with if=none,bus=0,unit=1 already; give another index, or none")]
    [InlineData("file=ram:1M,if=none,id=none1 -drive file=ram:2M,if=none", "-drive file=ram:2M: property 'id': 'none1' is taken; give another")]
    public void A_mistake_gets_one_line_and_status_2(string drive, string expected)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(ExitStatus.BadCommandLine, harness.Invoke(["-kernel", "x", "-drive", .. drive.Split(' ')]));
        Assert.StartsWith("emulator: -drive ", harness.Error, StringComparison.Ordinal);
        Assert.Contains(expected, harness.Error, StringComparison.Ordinal);
        Assert.Single(harness.Error.Trim('\n').Split('\n'));
    }

    [Fact]
    public void What_is_said_of_a_file_may_be_said_of_the_node_below()
    {
        var drive = Drive("driver=raw,file.driver=ram,file.size=64M,if=none,read-only=on");
        Assert.Equal(("ram", "64M", "raw", true), (drive.Name, drive.Text("size"), drive.Text("format"), drive.IsReadOnly));
    }

    [Theory]
    [InlineData("if=none if=none", "none0 none1")]
    [InlineData("if=virtio,index=3 if=virtio if=none", "virtio3 virtio0 none0")]
    [InlineData("if=scsi,index=8 if=scsi,bus=1 if=scsi,unit=2", "scsi1-hd1 scsi1-hd0 scsi0-hd2")]
    public void A_drive_without_an_id_is_called_by_its_number(string drives, string ids)
    {
        DriveDescription[] all = [.. drives.Split(' ').Select(drive => Drive($"file=ram:1M,{drive}"))];
        Assert.Null(DriveCatalog.Number(all));
        Assert.Equal(ids.Split(' '), all.Select(drive => drive.Id));
    }

    [Theory]
    [InlineData("disk,drive=a", null)]
    [InlineData("disk,drive=b", "-device disk: drive 'b' is not there; add -drive file=PATH,if=none,id=b")]
    [InlineData("disk,id=d,drive=a unit,drive=a", "-device unit: drive 'a' is taken by d; give each its own")]
    public void A_drive_is_taken_once(string devices, string? expected)
    {
        var drive = Drive("file=ram:1M,if=none,id=a");
        Assert.Null(DriveCatalog.Number([drive]));
        Assert.Equal(expected, DriveCatalog.CheckTakers([drive], devices.Split(' ').Select(Device)));
    }

    [Theory]
    [InlineData("disk", "property 'drive' of 'disk' is missing: drive=ID")]
    [InlineData("disk,drive=a,logical_block_size=513", "property 'logical_block_size' of 'disk': '513' is not a power of two between 512 and 32768")]
    [InlineData("disk,drive=a,physical_block_size=65536", "'65536' is not a power of two between 512 and 32768")]
    [InlineData("disk,drive=a,serial=123456789012345678901234567890123456789", "is not a serial number: at most 36 characters of ASCII")]
    [InlineData("disk,drive=a,write-cache=maybe", "'maybe' is not one of auto, on, off")]
    [InlineData("unit,drive=a,scsi-id=16", "property 'scsi-id' of 'unit': '16' is not between 0 and 0xf")]
    [InlineData("unit,drive=a,channel=1", "property 'channel' of 'unit': '1' is not between 0 and 0x0")]
    public void A_mistake_about_a_disk_is_one_line(string device, string expected)
    {
        var list = PropertyList.Parse(device);
        Assert.Contains(expected, new DeviceDescription(Models[list.Head]).Set("device", list.Properties), StringComparison.Ordinal);
    }

    [Fact]
    public void A_physical_block_is_no_smaller_than_a_logical_one() =>
        Assert.Equal(
            "property 'physical_block_size' of 'disk': it is at least logical_block_size, which is 4096",
            DiskOptions.Check(Device("disk,drive=a,logical_block_size=4096")));

    [Theory]
    [InlineData("writeback", "auto", true)]
    [InlineData("writethrough", "auto", false)]
    [InlineData("directsync", "auto", false)]
    [InlineData("none", "auto", true)]
    [InlineData("unsafe", "auto", true)]
    [InlineData("writethrough", "on", true)]
    [InlineData("writeback", "off", false)]
    public void The_write_cache_is_the_drives_unless_the_device_says_otherwise(string cache, string device, bool expected)
    {
        var properties = DiskOptions.Of(Device($"disk,drive=a,write-cache={device},serial=s1"), Drive($"file=ram:1M,if=none,cache={cache},discard=unmap"));
        var wanted = new DiskProperties { HasWriteCache = expected, Flushes = cache != "unsafe", Serial = "s1", WriteErrors = ErrorPolicy.StopIfFull };
        Assert.Equal(wanted, properties);
    }

    [Theory]
    [InlineData("", "", ErrorPolicy.Report, ErrorPolicy.StopIfFull)]
    [InlineData(",rerror=stop,werror=report", "", ErrorPolicy.Stop, ErrorPolicy.Report)]
    [InlineData(",rerror=stop,werror=report", ",rerror=ignore,werror=stop", ErrorPolicy.Ignore, ErrorPolicy.Stop)]
    [InlineData(",rerror=stop,werror=ignore", ",rerror=auto,werror=auto", ErrorPolicy.Stop, ErrorPolicy.Ignore)]
    [InlineData("", ",werror=enospc", ErrorPolicy.Report, ErrorPolicy.StopIfFull)]
    public void What_becomes_of_errors_is_the_drives_unless_the_device_says_otherwise(string drive, string device, ErrorPolicy reads, ErrorPolicy writes)
    {
        var properties = DiskOptions.Of(Device($"disk,drive=a{device}"), Drive($"file=ram:1M,if=none{drive}"));
        Assert.Equal((reads, writes), (properties.ReadErrors, properties.WriteErrors));
    }

    [Theory]
    [InlineData("scsi unit unit", "scsi:0:0 scsi:1:0")]
    [InlineData("scsi unit,scsi-id=0 unit unit,lun=1 unit,scsi-id=0", "scsi:0:0 scsi:1:0 scsi:1:1 scsi:0:1")]
    [InlineData("unit,bus=b.0 scsi,id=a scsi,id=b unit", "b:0:0 a:0:0")]
    [InlineData("scsi scsi,id=b scsi unit,bus=scsi.1 unit,bus=b.0,lun=5", "scsi:0:0 b:0:5")]
    [InlineData("unit", "-device unit: there is no SCSI controller; add -device lsi53c895a")]
    [InlineData("scsi,id=a unit,bus=b.0", "-device unit: bus 'b.0' is not there; did you mean 'a.0'? valid: a.0")]
    [InlineData("unit,bus=b.0", "-device unit: bus 'b.0' is not there; add -device lsi53c895a,id=ID and give bus=ID.0")]
    [InlineData("scsi unit,scsi-id=7", "-device unit: property 'scsi-id': 7 is the controller's own; give another")]
    [InlineData("scsi unit,scsi-id=3,lun=1,id=first unit,scsi-id=3,lun=1", "-device unit: first is at scsi-id=3,lun=1 already; give another place")]
    public void A_scsi_device_gets_the_place_it_asks_for_or_the_first_one_free(string words, string expected)
    {
        DeviceDescription[] devices = [.. words.Split(' ').Select(word => Device(word.StartsWith("unit", StringComparison.Ordinal) ? $"{word},drive=a" : word))];
        var mistake = ScsiPlace.Assign(devices);
        Assert.Equal(expected, mistake ?? string.Join(' ', devices.Where(device => device.Model.IsScsiUnit).Select(device => $"{device.Controller!.Label}:{device.Target}:{device.Lun}")));
    }

    [Fact]
    public void A_full_bus_gives_way_to_the_next()
    {
        DeviceDescription[] devices = [Device("scsi,id=a"), Device("scsi,id=b"), .. Enumerable.Range(0, 31).Select(_ => Device("unit,drive=a"))];
        Assert.Equal("-device unit: there is no place free on the bus; add another -device lsi53c895a", ScsiPlace.Assign(devices));
        Assert.Equal(("b", 15, 0), (devices[31].Controller!.Label, devices[31].Target, devices[31].Lun));
    }

    [Fact]
    public void The_list_of_devices_has_the_kinds()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("devices"));
        Assert.All(DriveCatalog.Kinds, kind => Assert.Contains($"-drive driver={kind.Name}: {kind.Meaning}\n", harness.Output, StringComparison.Ordinal));
    }

    private static Dictionary<string, DeviceModel> Models { get; } = new[] { s_disk, s_controller, s_unit }.ToDictionary(model => model.Name);

    private static DriveDescription Drive(string text)
    {
        Assert.True(DriveCatalog.Parse(text).Get(out var drive, out var mistake), mistake);
        return drive;
    }

    private static DeviceDescription Device(string text)
    {
        var list = PropertyList.Parse(text);
        var device = new DeviceDescription(Models[list.Head]);
        Assert.Null(device.Set("device", list.Properties));
        return device;
    }

    private abstract class NoController() : Emulator.Pci.PciFunction("none", default), IScsiController
    {
        public ScsiBus ScsiBus => throw new NotSupportedException();
    }
}
