using Emulator.Devices;
using Emulator.Pci;

namespace Emulator.Fuzz.Targets;

/// <summary>virtio-blk-pci: two queues, chains in the queue and in tables, every request, both interfaces (virtio 1.2, 2.7, 4.1 and 5.2).</summary>
public sealed class VirtioBlkTarget(bool hasEvents) : FuzzTarget
{
    private const int Window = VirtioPciRegisters.ModernWindow;
    private const int Ports = VirtioPciRegisters.LegacyWindow;
    private const int Queues = 2;
    private const int QueueSize = 16;
    private const ulong FirstQueue = 0x10000;
    private const ulong QueueStride = 0x10000;
    private const ulong AvailableRing = 0x1000;
    private const ulong UsedRing = 0x2000;
    private const ulong Tables = 0x4000;
    private const ulong Headers = 0x8000;
    private const ulong LegacyPage = 0x80;
    private const ulong Data = 0x100000;
    private const int DataLength = 0x100000;
    private const ulong Statuses = 0x300000;
    private const int DiskLength = 1 << 20;
    private const int Sectors = DiskLength / 512;

    // What the driver keeps in mind: avail.idx of each queue, and the next free descriptor.
    private const int Added = 0;
    private const int Descriptor = 2;

    private const VirtioStatus Ready = VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk | VirtioStatus.DriverOk;

    private static readonly VirtioBlkType[] s_types = Enum.GetValues<VirtioBlkType>();

    /// <inheritdoc/>
    public override string Name => hasEvents ? "virtio-blk-pci" : "virtio-blk-pci-plain";

    /// <inheritdoc/>
    public override IReadOnlyList<RegisterWindow> Windows { get; } = [RegisterWindow.Of(Window, VirtioPciRegisters.CommonLength, VirtioPciRegisters.Common)];

    /// <inheritdoc/>
    public override PciFunction Create(FuzzBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        var disk = new Disk(Filled(), new DiskProperties { Serial = "fuzz" });
        var block = new VirtioBlkDevice(disk, new VirtioBlkOptions { Queues = Queues, QueueSize = QueueSize });
        return new VirtioPciFunction(Name, board.Thread, block, new VirtioPciOptions { Vectors = Queues + 1 });
    }

    /// <inheritdoc/>
    public override void SetUp(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Write(driver, VirtioPciRegister.Status, 1, 0);
        Write(driver, VirtioPciRegister.Status, 1, (ulong)VirtioStatus.Acknowledge);
        Write(driver, VirtioPciRegister.Status, 1, (ulong)(VirtioStatus.Acknowledge | VirtioStatus.Driver));
        var block = VirtioBlkFeatures.Flush | VirtioBlkFeatures.ConfigurableCache | VirtioBlkFeatures.MultipleQueues | VirtioBlkFeatures.Discard | VirtioBlkFeatures.WriteZeroes;
        var features = (ulong)block | (ulong)(VirtioFeatures.IndirectDescriptors | (hasEvents ? VirtioFeatures.EventIndex : 0));
        Write(driver, VirtioPciRegister.DriverFeatureSelect, 4, 0);
        Write(driver, VirtioPciRegister.DriverFeature, 4, driver.Number(features, 32));
        Write(driver, VirtioPciRegister.DriverFeatureSelect, 4, 1);
        Write(driver, VirtioPciRegister.DriverFeature, 4, driver.Number(1, 32));
        Write(driver, VirtioPciRegister.Status, 1, (ulong)(Ready & ~VirtioStatus.DriverOk));
        for (var queue = 0; queue < Queues; queue++)
        {
            var at = FirstQueue + ((ulong)queue * QueueStride);
            driver.Store(at + AvailableRing, 4, 0);
            driver.Store(at + UsedRing, 4, 0);
            driver.Mind(Added + queue) = 0;
            Write(driver, VirtioPciRegister.QueueSelect, 2, driver.Number((ulong)queue));
            Write(driver, VirtioPciRegister.QueueSize, 2, driver.Number(QueueSize));
            Write(driver, VirtioPciRegister.QueueVector, 2, driver.Number((ulong)queue));
            Write(driver, VirtioPciRegister.QueueDescriptors, 8, driver.Address(at));
            Write(driver, VirtioPciRegister.QueueAvailable, 8, driver.Address(at + AvailableRing));
            Write(driver, VirtioPciRegister.QueueUsed, 8, driver.Address(at + UsedRing));
            Write(driver, VirtioPciRegister.QueueEnable, 2, driver.Number(1));

            // Of all of this the device writes the used ring alone.
            driver.Guard(at, UsedRing);
            driver.Guard(at + UsedRing + 4 + (QueueSize * 8) + 2, QueueStride - UsedRing - (4 + (QueueSize * 8) + 2));
        }

        Write(driver, VirtioPciRegister.Status, 1, (ulong)Ready);
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        switch (random.Below(12))
        {
            case 0:
                writer.Do(new FuzzOperation(FuzzVerb.Read, Window, VirtioPciRegisters.InterruptStatus, 1));
                break;
            case 1:
                writer.Write(Window, VirtioPciRegisters.Configuration + VirtioBlkConfiguration.Writeback, 1, writer.Number((ulong)random.Below(2), 8));
                break;
            case 2:
                // What the driver wants to be told of.
                var at = FirstQueue + ((ulong)random.Below(Queues) * QueueStride) + AvailableRing;
                writer.Store(at + 4 + (2 * QueueSize), 2, (ulong)random.Below(0x10000));
                writer.Store(at, 2, (ulong)random.Below(2));
                break;
            case 3 when random.OneIn(4):
                SetUp(writer);
                break;
            case 4 when !writer.IsRight && random.OneIn(4):
                StartLegacy(writer);
                break;
            case 5 when !writer.IsRight:
                writer.Write(Window, (int)VirtioPciRegister.QueueSelect, 2, writer.AnyNumber() & 0xFFFF);
                writer.Write(Window, (int)VirtioPciRegister.QueueVector, 2, writer.AnyNumber() & 0xFFFF);
                break;
            default:
                for (var requests = random.Below(random.OneIn(6) ? 16 : 3); requests >= 0; requests--)
                {
                    AnyRequest(writer, random.Below(Queues));
                }

                break;
        }
    }

    /// <inheritdoc/>
    public override string? Check(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        SetUp(driver);
        var data = new byte[1024];
        new FuzzRandom(7).Fill(data);
        driver.Store(Data, data);
        driver.Mind(Descriptor) = 0;
        driver.Store(Statuses, 2, 0xFFFF);
        Request(driver, 0, VirtioBlkType.Out, 5, [(Data, 1024)], [], Statuses);
        driver.Run();
        Request(driver, 0, VirtioBlkType.In, 5, [], [(Data + 0x1000, 1024)], Statuses + 1);
        driver.Run();
        var (statuses, used) = (driver.Load(Statuses, 2), driver.Load(FirstQueue + UsedRing + 2, 2));
        return statuses == 0 && used == 2 && driver.Bytes(Data + 0x1000, 1024).AsSpan().SequenceEqual(data)
            ? null
            : $"a write and a read of 1024 bytes end with {statuses:X4}, used.idx is {used}, the device's status {driver.Read(Window, (int)VirtioPciRegister.Status, 1):X}";
    }

    // All of its memory is there already: what is allocated later is the device's.
    private static RamBackEnd Filled()
    {
        var backEnd = new RamBackEnd(DiskLength);
        backEnd.Start(new BlockRequest { Operation = BlockOperation.Write, Length = DiskLength, Buffer = new byte[DiskLength], Completion = new Nobody() });
        return backEnd;
    }

    private static void Write(FuzzDriver driver, VirtioPciRegister register, int size, ulong value) => driver.Write(Window, (int)register, size, value);

    // The same by ports: the first queue, in pages of its own.
    private static void StartLegacy(FuzzWriter writer)
    {
        writer.Write(Ports, (int)VirtioLegacyRegister.Status, 1, 0);
        writer.Write(Ports, (int)VirtioLegacyRegister.Status, 1, 3);
        writer.Write(Ports, (int)VirtioLegacyRegister.DriverFeatures, 4, writer.Random.Next() & 0xBFFF_FFFF);
        writer.Write(Ports, (int)VirtioLegacyRegister.QueueSelect, 2, writer.Number(0));
        writer.Write(Ports, (int)VirtioLegacyRegister.QueuePage, 4, writer.Number(LegacyPage, 32));
        writer.Write(Ports, (int)VirtioLegacyRegister.Status, 1, 7);
        writer.Write(Ports, (int)VirtioLegacyRegister.QueueNotify, 2, writer.Number(0));
    }

    private static void AnyRequest(FuzzWriter writer, int queue)
    {
        var random = writer.Random;
        var type = writer.IsMistaken() ? (VirtioBlkType)random.Below(32) : s_types[random.Below(s_types.Length)];
        var length = 512 * (1 + random.Below(random.Of(2, 8, 300)));
        var sector = writer.Number((ulong)random.Below(Sectors - 600), 64);
        var data = Cut(writer, type == VirtioBlkType.GetId ? 20 : length);
        (ulong, uint)[] range = [(Data + 0xF_0000, (uint)writer.Number(16, 32))];
        writer.Store(Data + 0xF_0000, 8, sector);
        writer.Store(Data + 0xF_0008, 8, writer.Number((ulong)random.Below(1000), 32) | (type == VirtioBlkType.WriteZeroes ? (ulong)random.Below(2) << 32 : 0));
        Request(
            writer,
            queue,
            type,
            sector,
            type switch { VirtioBlkType.Out => data, VirtioBlkType.Discard or VirtioBlkType.WriteZeroes => range, _ => [] },
            type is VirtioBlkType.In or VirtioBlkType.GetId ? data : [],
            writer.Address(Statuses + (ulong)random.Below(256)));
    }

    private static (ulong Address, uint Length)[] Cut(FuzzWriter writer, int length)
    {
        var random = writer.Random;
        var pieces = new List<(ulong, uint)>();
        while (length > 0)
        {
            var piece = random.OneIn(8) && pieces.Count < 8 ? Math.Min(length, 1 + random.Below(700)) : length;
            pieces.Add((writer.Address(Data + (ulong)random.Below(DataLength / 2)), (uint)writer.Number((ulong)piece, 32)));
            length -= piece;
        }

        return [.. pieces];
    }

    private static void Request(
        FuzzDriver driver, int queue, VirtioBlkType type, ulong sector, ReadOnlySpan<(ulong Address, uint Length)> read, ReadOnlySpan<(ulong Address, uint Length)> written, ulong status)
    {
        var first = FirstQueue + ((ulong)queue * QueueStride);
        ref var next = ref driver.Mind(Descriptor);
        var header = first + Headers + ((ulong)(next % 64) * 16);
        driver.Store(header, 8, (uint)type);
        driver.Store(header + 8, 8, sector);
        (ulong Address, uint Length, bool IsWritten)[] buffers = [(header, 16, false), .. Marked(read, false), .. Marked(written, true), (status, 1, true)];

        // Every other request has a table; the others have as many descriptors as there are, in a ring of their own.
        var inTable = (next & 1) != 0;
        var table = inTable ? first + Tables + ((ulong)(next % 8) * 0x400) : first;
        var head = inTable ? 0 : next % QueueSize;
        for (var i = 0; i < buffers.Length; i++)
        {
            var (index, following) = inTable ? (i, i + 1) : ((head + i) % QueueSize, (head + i + 1) % QueueSize);
            var bits = (buffers[i].IsWritten ? VirtqueueDescriptorBits.Write : 0) | (i < buffers.Length - 1 ? VirtqueueDescriptorBits.Next : 0);
            Put(driver, table, index, buffers[i].Address, buffers[i].Length, bits, following);
        }

        if (inTable)
        {
            head = next % QueueSize;
            Put(driver, first, head, driver.Address(table), (uint)driver.Number((ulong)buffers.Length * 16, 32), VirtqueueDescriptorBits.Indirect, 0);
        }

        next += inTable ? 1 : buffers.Length | 1;
        ref var added = ref driver.Mind(Added + queue);
        driver.Store(first + AvailableRing + 4 + ((ulong)(added % QueueSize) * 2), 2, driver.Number((ulong)head));
        added++;
        driver.Store(first + AvailableRing + 2, 2, driver.Number((ulong)added & 0xFFFF));
        driver.Write(Window, VirtioPciRegisters.Notification + (queue * VirtioPciRegisters.NotifyMultiplier), 2, (ulong)queue);
    }

    private static (ulong, uint, bool)[] Marked(ReadOnlySpan<(ulong Address, uint Length)> buffers, bool isWritten)
    {
        var marked = new (ulong, uint, bool)[buffers.Length];
        for (var i = 0; i < buffers.Length; i++)
        {
            marked[i] = (buffers[i].Address, buffers[i].Length, isWritten);
        }

        return marked;
    }

    private static void Put(FuzzDriver driver, ulong table, int index, ulong address, uint length, VirtqueueDescriptorBits bits, int next)
    {
        var at = table + (ulong)(index * VirtqueueDescriptor.Size);
        driver.Store(at, 8, address);
        driver.Store(at + 8, 8, length | driver.Number((ulong)bits, 8) << 32 | driver.Number((ulong)next) << 48);
    }

    private sealed class Nobody : IBlockCompletion
    {
        public void Completed(BlockRequest request)
        {
        }
    }
}
