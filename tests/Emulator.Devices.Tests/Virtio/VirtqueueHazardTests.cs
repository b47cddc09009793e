namespace Emulator.Devices.Tests;

/// <summary>Rings that are wrong: the queue breaks, the device needs a reset and says so, and works again after it.</summary>
public class VirtqueueHazardTests
{
    /// <summary>What a hostile driver does, by the names under which it is known.</summary>
    private static readonly Dictionary<string, Action<VirtioBoard, VirtioQueueDriver>> s_mistakes = new()
    {
        ["CVE-2016-6490: a descriptor of length 0"] = (_, queue) =>
        {
            queue.Request(0, VirtioBlkType.In, 0, 512);
            queue.Descriptor(1, queue.Memory, 0, VirtqueueDescriptorBits.Write | VirtqueueDescriptorBits.Next, 2);
            queue.Add(0);
        },
        ["a table of length 0"] = (_, queue) => Indirect(queue, 0),
        ["a table whose length is no multiple of 16"] = (_, queue) => Indirect(queue, 40),
        ["a table of 15 bytes"] = (_, queue) => Indirect(queue, 15),
        ["a table in a table"] = (_, queue) =>
        {
            queue.Descriptor(queue.Memory + 0x1000, 0, queue.Memory + 0x2000, 16, VirtqueueDescriptorBits.Indirect);
            Indirect(queue, 16);
        },
        ["a table that goes on in the queue"] = (_, queue) =>
        {
            queue.Request(1, VirtioBlkType.In, 0, 512);
            queue.Descriptor(0, queue.Memory + 0x1000, 16, VirtqueueDescriptorBits.Indirect | VirtqueueDescriptorBits.Next, 1);
            queue.Add(0);
        },
        ["a table that is not memory"] = (_, queue) =>
        {
            queue.Descriptor(0, VirtioBoard.Modern, 32, VirtqueueDescriptorBits.Indirect);
            queue.Add(0);
        },
        ["a chain that is a ring"] = (_, queue) =>
        {
            queue.Descriptor(0, queue.Memory, 16, VirtqueueDescriptorBits.Next, 1);
            queue.Descriptor(1, queue.Memory, 16, VirtqueueDescriptorBits.Next, 0);
            queue.Add(0);
        },
        ["a descriptor that is its own next"] = (_, queue) =>
        {
            queue.Descriptor(0, queue.Memory, 16, VirtqueueDescriptorBits.Next, 0);
            queue.Add(0);
        },
        ["a ring in a table of a million"] = (_, queue) =>
        {
            queue.Descriptor(queue.Memory + 0x1000, 0, queue.Memory, 16, VirtqueueDescriptorBits.Next, 1);
            queue.Descriptor(queue.Memory + 0x1000, 1, queue.Memory, 16, VirtqueueDescriptorBits.Next, 0);
            Indirect(queue, 16 << 20);
        },
        ["a next that is not in the queue"] = (_, queue) =>
        {
            queue.Descriptor(0, queue.Memory, 16, VirtqueueDescriptorBits.Next, 16);
            queue.Add(0);
        },
        ["a next that is not in the table"] = (_, queue) =>
        {
            queue.Descriptor(queue.Memory + 0x1000, 0, queue.Memory, 16, VirtqueueDescriptorBits.Next, 2);
            Indirect(queue, 32);
        },
        ["a buffer to be read behind one to be written"] = (_, queue) =>
        {
            queue.Descriptor(0, queue.Memory, 16, VirtqueueDescriptorBits.Write | VirtqueueDescriptorBits.Next, 1);
            queue.Descriptor(1, queue.Memory, 16);
            queue.Add(0);
        },
        ["a head that is not in the queue"] = (_, queue) => queue.Add(16),
        ["CVE-2016-5403: more chains under way than there are descriptors"] = (_, queue) =>
        {
            queue.Request(0, VirtioBlkType.In, 0, 512);
            for (var i = 0; i < 16; i++)
            {
                queue.Add(0);
            }

            queue.Kick();
            queue.Add(0);
        },
        ["avail.idx ahead by more than there are"] = (_, queue) => queue.SetAvailable(17),
        ["avail.idx behind"] = (_, queue) => queue.SetAvailable(0xFFFF),
    };

    public static TheoryData<string> Mistakes => [.. s_mistakes.Keys];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_malformed_ring_needs_a_reset_and_interrupts_and_works_after_it(string mistake)
    {
        using var board = new VirtioBoard(backEnd: mistake.Contains("under way", StringComparison.Ordinal) ? new HeldBackEnd(1 << 20) : null);
        var queue = board.Start()[0];
        board[VirtioPciRegister.ConfigurationVector] = 0;
        board.EnableMessages(2);
        s_mistakes[mistake](board, queue);
        queue.Notify();
        Deadline.Until(() => board.NeedsReset, "the device needs a reset");
        board.Settle();
        Assert.Contains(0U, board.Sent);
        Assert.True(queue.IsEmpty, "nothing is returned");

        // Broken is empty: whatever comes, it is as if nothing came.
        queue.Request(0, VirtioBlkType.GetId, 0, 20);
        queue.SetAvailable(1);
        queue.Notify();
        board.Settle();
        Assert.True(queue.IsEmpty);
        Assert.Single(board.Sent, 0U);

        queue = board.Start()[0];
        Assert.Equal(VirtioBlkStatus.Ok, queue.Do(VirtioBlkType.GetId, 0, 20).Status);
        Assert.False(board.NeedsReset);
    }

    [Theory]
    [InlineData(VirtioBoard.Nowhere, 0UL, 0UL)]
    [InlineData(0UL, VirtioBoard.Nowhere, 0UL)]
    [InlineData(0UL, 0UL, VirtioBoard.Nowhere)]
    [InlineData(VirtioBoard.Modern, 0UL, 0UL)]
    [InlineData(0UL, VirtioBoard.Modern, 0UL)]
    [InlineData(0UL, 0UL, VirtioBoard.Modern)]
    [InlineData(VirtioBoard.RamSize - 16, 0UL, 0UL)]
    [InlineData(0UL, VirtioBoard.RamSize - 16, 0UL)]
    [InlineData(0UL, 0UL, VirtioBoard.RamSize - 16)]
    [InlineData(0x10_0008UL, 0UL, 0UL)]
    [InlineData(0UL, 0x10_8001UL, 0UL)]
    [InlineData(0UL, 0UL, 0x10_A002UL)]
    [InlineData(ulong.MaxValue - 15, 0UL, 0UL)]
    [InlineData(0UL, ulong.MaxValue - 1, 0UL)]
    [InlineData(0UL, 0UL, ulong.MaxValue - 3)]
    public void Rings_that_are_no_memory_are_found_before_anything_is_made_available(ulong descriptors, ulong available, ulong used)
    {
        using var board = new VirtioBoard();
        Assert.True(board.Negotiate(VirtioFeatures.Version1));
        var queue = new VirtioQueueDriver(board, 0, 16, 0);
        queue.Layout = new VirtqueueLayout(
            descriptors == 0 ? queue.Layout.Descriptors : descriptors, available == 0 ? queue.Layout.Available : available, used == 0 ? queue.Layout.Used : used, 16);
        queue.Enable();
        board[VirtioPciRegister.Status] = 0xF;
        Deadline.Until(() => board.NeedsReset, "the device needs a reset");
        queue = board.Start()[0];
        Assert.Equal(VirtioBlkStatus.Ok, queue.Do(VirtioBlkType.GetId, 0, 20).Status);
    }

    [Fact]
    public void A_used_ring_in_ROM_is_found_when_it_is_written()
    {
        using var board = new VirtioBoard();
        Assert.True(board.Negotiate(VirtioFeatures.Version1));
        var queue = new VirtioQueueDriver(board, 0, 16, 0);
        queue.Layout = queue.Layout with { Used = VirtioBoard.Rom };
        queue.Enable();
        board[VirtioPciRegister.Status] = 0xF;
        Deadline.Until(() => board.NeedsReset, "the device needs a reset");
    }

    [Fact]
    public void Addresses_and_entries_that_change_while_the_device_works_do_it_no_harm()
    {
        // The registers were copied, and each entry is read once: whatever a processor writes meanwhile is either seen whole or not.
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new VirtioBoard();
        for (var round = 0; round < 30; round++)
        {
            var queue = board.Start(size: 16)[0];
            var bytes = new byte[16 * 16];
            for (var i = 0; i < 200 && !board.NeedsReset; i++)
            {
                queue.Request(0, VirtioBlkType.In, 0, 512);
                queue.Request(4, VirtioBlkType.Out, 8, 0, new byte[512]);
                queue.Add(0);
                queue.Add(4);
                queue.Notify();
                random.NextBytes(bytes);
                board.Put(queue.Layout.Descriptors + (ulong)random.Next(256), bytes.AsSpan(0, random.Next(8)));
                board[VirtioPciRegister.QueueDescriptors] = VirtioBoard.Modern;
                board[VirtioPciRegister.QueueSize] = 8;
            }
        }

        Assert.Equal(VirtioBlkStatus.Ok, board.Start()[0].Do(VirtioBlkType.GetId, 0, 20).Status);
    }

    [Fact]
    public void A_guest_that_refills_the_ring_for_ever_does_not_starve_the_thread()
    {
        using var board = new VirtioBoard();
        var queue = board.Start(size: 16)[0];
        queue.Request(0, VirtioBlkType.GetId, 0, 20);
        using var stop = new CancellationTokenSource();
        var guest = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Always one more than the device has taken: it never comes to the end by itself.
                queue.SetAvailable((ushort)(queue.UsedIndex + 8));
                queue.Notify();
            }
        });
        guest.Start();
        for (var i = 0; i < 200; i++)
        {
            board.Settle();
        }

        stop.Cancel();
        Deadline.Join(guest);
        Deadline.Until(() => board.NeedsReset || queue.UsedIndex == queue.Added, "the device is idle");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0xFFFF)]
    public void CVE_2011_2512_a_notification_of_no_queue_is_ignored(int number)
    {
        using var board = new VirtioBoard();
        board[VirtioLegacyRegister.QueueNotify] = (uint)number;
        board.Store(VirtioBoard.Modern + VirtioPciRegisters.Notification + ((ulong)(number & 0x3FF) * 4), (ulong)number, 2);
        board[VirtioLegacyRegister.QueueNotify] = 0;
        board.Settle();
        Assert.Equal(0, (int)board.Status);
        Assert.Equal(VirtioBlkStatus.Ok, board.Start()[0].Do(VirtioBlkType.GetId, 0, 20).Status);
    }

    private static void Indirect(VirtioQueueDriver queue, uint length)
    {
        queue.Descriptor(0, queue.Memory + 0x1000, length, VirtqueueDescriptorBits.Indirect);
        queue.Add(0);
    }
}
