using System.Buffers.Binary;
using Emulator.Devices;
using Emulator.Fuzz.Scsi;
using Emulator.Pci;

namespace Emulator.Fuzz.Targets;

/// <summary>scsi-hd by itself: commands, task management and errors at three disks, without a controller's SCRIPTS.</summary>
public sealed class ScsiDiskTarget : FuzzTarget
{
    private const byte Read10 = 0x28;
    private const byte Write10 = 0x2A;
    private const uint Blocks = 64;    // Of the smallest disk.

    private static readonly byte[] s_transfers = [0x08, 0x28, 0x28, 0xA8, 0x88, 0x0A, 0x2A, 0x2A, 0xAA, 0x8A, 0x2E, 0x8E, 0xAE, 0x2F, 0x8F, 0xAF, 0x41, 0x93];

    private static readonly byte[] s_others =
    [
        0x00, 0x01, 0x03, 0x03, 0x0B, 0x12, 0x15, 0x16, 0x17, 0x1A, 0x1B, 0x1D, 0x1E, 0x25, 0x2B, 0x35, 0x37, 0x42, 0x42, 0x42, 0x55, 0x56, 0x57, 0x5A,
        0x91, 0x9E, 0xA0, 0xA3, 0xB7,
    ];

    /// <inheritdoc/>
    public override string Name => "scsi-hd";

    /// <inheritdoc/>
    public override IReadOnlyList<RegisterWindow> Windows { get; } = [];

    /// <summary>Each task has two buffers of 128 KiB, if all of them are in use; the rest is for what the fuzzer itself keeps of each command.</summary>
    public override long MostAllocated => FuzzedScsiBus.Units * (ScsiDisk.MaximumTasks + 8) * 2L * (128 << 10) + (64 << 20);

    /// <inheritdoc/>
    public override PciFunction Create(FuzzBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return new FuzzedScsiBus(Name, board);
    }

    /// <summary>Takes the unit attention conditions that a reset has left.</summary>
    public override void SetUp(FuzzDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        for (byte unit = 0; unit < FuzzedScsiBus.Units; unit++)
        {
            Start(driver, new byte[6], unit, 0);
            Start(driver, [FuzzedCommand.RequestSense, 0, 0, 0, 252, 0], unit, 0);
        }
    }

    /// <inheritdoc/>
    public override void Act(FuzzWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var random = writer.Random;
        var which = (byte)random.Below(256);
        var unit = (byte)(random.OneIn(writer.IsRight ? 1000 : 20) ? 3 : random.OneIn(2) ? 0 : random.Below(FuzzedScsiBus.Units));
        switch (random.Below(32))
        {
            case < 14:
                for (var count = random.OneIn(8) ? random.Below(80) : 1; count >= 0; count--)
                {
                    Command(writer, unit);
                }

                break;
            case < 19:
                var bytes = writer.IsMistaken() ? (uint)random.Of(1, 511, 512, 513, random.Below(140_000)) : 0U;
                Ring(writer, new ScsiAct(ScsiVerb.Move, which, value: bytes));
                break;
            case < 28:
                var status = writer.IsRight || !random.OneIn(6) ? BlockStatus.Ok : (BlockStatus)random.Below(8);
                for (var count = random.Below(4); count >= 0; count--)
                {
                    Ring(writer, new ScsiAct(ScsiVerb.End, (byte)(which + count), unit, value: (uint)status));
                }

                break;
            case 28 when random.OneIn(2):
                GiveUpAndWriteAgain(writer, unit);
                break;
            case 28:
                Ring(writer, new ScsiAct(random.Of(ScsiVerb.Abort, ScsiVerb.Abort, ScsiVerb.AbortAll), which, unit));
                break;
            case 29:
                Ring(writer, new ScsiAct(random.OneIn(6) ? random.Of(ScsiVerb.ResetUnit, ScsiVerb.ResetTarget, ScsiVerb.ResetAll) : ScsiVerb.Abort, which, unit));
                break;
            default:
                Ring(writer, new ScsiAct(ScsiVerb.Settle));
                writer.Run();
                break;
        }
    }

    /// <inheritdoc/>
    public override string? Check(LiveDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Ring(driver, new ScsiAct(ScsiVerb.ResetAll));
        Ring(driver, new ScsiAct(ScsiVerb.Settle));
        SetUp(driver);
        Ring(driver, new ScsiAct(ScsiVerb.Settle));
        driver.Run();
        const int Count = 8;
        for (byte unit = 0; unit < FuzzedScsiBus.Units; unit++)
        {
            var before = driver.Read(0, FuzzedScsiBus.Compared, 4);
            foreach (var code in new[] { Write10, Read10 })
            {
                Start(driver, [code, 0, 0, 0, 0, unit, 0, 0, Count, 0], unit, 7);
                Ring(driver, new ScsiAct(ScsiVerb.Settle));
                driver.Run();
            }

            var compared = driver.Read(0, FuzzedScsiBus.Compared, 4) - before;
            if (compared != Count)
            {
                return $"of {Count} blocks of unit {unit} that were written and read, {compared} are certain";
            }
        }

        return null;
    }

    private static void Ring(FuzzDriver driver, ScsiAct act) => driver.Write(0, FuzzedScsiBus.Doorbell, 8, act.Bits);

    private static void Start(
        FuzzDriver driver, ReadOnlySpan<byte> cdb, byte unit, uint seed, ScsiTaskAttribute attribute = ScsiTaskAttribute.Simple, bool isEager = true)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        cdb.CopyTo(bytes);
        driver.Write(0, FuzzedScsiBus.Cdb, 8, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        driver.Write(0, FuzzedScsiBus.Cdb + 8, 8, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        Ring(driver, new ScsiAct(ScsiVerb.Start, (byte)cdb.Length, unit, attribute, isEager, seed));
    }

    // What the first write does, when it ends at last, must not fall on the second.
    private static void GiveUpAndWriteAgain(FuzzWriter writer, byte unit)
    {
        var random = writer.Random;
        var block = (byte)random.Below(16);
        for (var write = 0; write < 2; write++)
        {
            Start(writer, [Write10, 0, 0, 0, 0, block, 0, 0, 2, 0], unit, (uint)random.Next());
            writer.Run();
            if (write == 0)
            {
                Ring(writer, new ScsiAct(random.Of(ScsiVerb.Abort, ScsiVerb.AbortAll), ScsiAct.Last, unit));
            }
        }

        Ring(writer, new ScsiAct(ScsiVerb.End, ScsiAct.Last, unit));
        Ring(writer, new ScsiAct(ScsiVerb.Settle));
        Start(writer, [Read10, 0, 0, 0, 0, block, 0, 0, 2, 0], unit, 0);
        Ring(writer, new ScsiAct(ScsiVerb.Settle));
        writer.Run();
    }

    private static void Command(FuzzWriter writer, byte unit)
    {
        var random = writer.Random;
        Span<byte> cdb = stackalloc byte[16];
        cdb.Clear();
        cdb[0] = random.OneIn(3) ? random.Of<byte>(s_others) : random.Of<byte>(s_transfers);
        var length = (cdb[0] >> 5) switch { 0 => 6, 4 => 16, 5 => 12, _ => 10 };
        if (s_transfers.AsSpan().Contains(cdb[0]))
        {
            PutTransfer(writer, cdb, unit);
        }
        else
        {
            PutOther(writer, cdb, length);
        }

        if (writer.IsMistaken())
        {
            for (var bits = random.Below(4); bits >= 0; bits--)
            {
                cdb[random.Below(length)] ^= (byte)(1 << random.Below(8));
            }

            length = random.OneIn(4) ? 1 + random.Below(16) : length;
        }

        var attribute = random.Below(24) switch
        {
            0 => ScsiTaskAttribute.Ordered,
            1 => ScsiTaskAttribute.HeadOfQueue,
            2 when !writer.IsRight => ScsiTaskAttribute.Untagged,
            _ => ScsiTaskAttribute.Simple,
        };
        Start(writer, cdb[..length], unit, random.OneIn(6) ? 0 : (uint)random.Next(), attribute, !random.OneIn(3));
    }

    private static void PutTransfer(FuzzWriter writer, Span<byte> cdb, byte unit)
    {
        var random = writer.Random;
        var blocks = unit == 0 ? 1200U : Blocks;
        var block = (uint)random.Below(random.OneIn(2) ? 16 : (int)blocks);
        var count = Math.Min(blocks - block, (uint)(1 + random.Below(random.OneIn(6) ? 600 : 8)));
        if (writer.IsMistaken())
        {
            var left = blocks - block;
            block = random.Of(block, blocks - 1, blocks, (uint)writer.AnyNumber(blocks));
            count = random.Of(0U, count, left, left + 1, (uint)writer.AnyNumber(count));
        }

        cdb[1] = (byte)(cdb[0] is 0x2E or 0x8E or 0xAE or 0x2F or 0x8F or 0xAF ? random.Of(0, 2) : cdb[0] == 0x93 ? random.Of(0, 1, 8, 9) : random.Of(0, 0, 8));
        switch (cdb[0] >> 5)
        {
            case 0:
                BinaryPrimitives.WriteUInt16BigEndian(cdb[2..], (ushort)block);
                (cdb[1], cdb[4]) = (0, (byte)Math.Min(count, 255));
                break;
            case 4:
                BinaryPrimitives.WriteUInt64BigEndian(cdb[2..], writer.IsMistaken() ? writer.AnyNumber(block) : block);
                BinaryPrimitives.WriteUInt32BigEndian(cdb[10..], count);
                break;
            case 5:
                BinaryPrimitives.WriteUInt32BigEndian(cdb[2..], block);
                BinaryPrimitives.WriteUInt32BigEndian(cdb[6..], count);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(cdb[2..], block);
                BinaryPrimitives.WriteUInt16BigEndian(cdb[7..], (ushort)count);
                break;
        }
    }

    private static void PutOther(FuzzWriter writer, Span<byte> cdb, int length)
    {
        var random = writer.Random;
        var most = (ushort)random.Of(0, 4, 8, 18, 24, 28, 36, 56, 96, 252, 255, random.Below(5000));
        (cdb[1], cdb[2]) = cdb[0] switch
        {
            0x12 => random.OneIn(2) ? ((byte)1, random.Of<byte>(0, 0x80, 0x83, 0xB0, 0xB1, 0xB2)) : default,
            0x15 or 0x55 => (random.Of<byte>(0x10, 0x10, 0x11), (byte)0),
            0x1A or 0x5A => (random.Of<byte>(0, 8), (byte)((random.Below(4) << 6) | random.Of(0x3F, 0x08, 0x04, 0x0A, 0x01, 0x03))),
            0x03 => (random.Of<byte>(0, 0, 1), (byte)0),
            0x9E => ((byte)0x10, (byte)0),
            0xA3 => (random.Of<byte>(0x0C, 0x0C, 0x0D), random.Of<byte>(0, 1, 2)),
            _ => default,
        };
        switch (length)
        {
            case 6:
                cdb[4] = cdb[0] switch { 0x15 => 24, 0x03 or 0x12 or 0x1A => (byte)most, 0x1B => (byte)(random.OneIn(4) ? 0 : 1), _ => 0 };
                break;
            case 10 when cdb[0] is 0x42 or 0x55 or 0x5A or 0x37:
                BinaryPrimitives.WriteUInt16BigEndian(cdb[7..], cdb[0] switch { 0x42 => random.Of<ushort>(8, 24, 40, 56, 200), 0x55 => 28, _ => most });
                break;
            case 12:
                BinaryPrimitives.WriteUInt32BigEndian(cdb[6..], most);
                break;
            case 16 when cdb[0] == 0x9E:
                BinaryPrimitives.WriteUInt32BigEndian(cdb[10..], most);
                break;
            default:
                break;
        }
    }
}
