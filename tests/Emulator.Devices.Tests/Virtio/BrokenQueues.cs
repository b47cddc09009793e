using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Queues that are broken in one way each, to see whether the models notice.</summary>
internal static class BrokenQueues
{
    /// <summary>Those that a driver notices that does one thing at a time.</summary>
    public static IReadOnlyDictionary<string, Func<QueueUnderTest>> All { get; } = new Dictionary<string, Func<QueueUnderTest>>
    {
        ["returns twice"] = static () => new ReturnsTwice(),
        ["forgets to return"] = static () => new ForgetsToReturn(),
        ["says too much was written"] = static () => new WritesTooMuch(),
        ["never interrupts"] = static () => new NeverInterrupts(),
        ["always interrupts"] = static () => new AlwaysInterrupts(),
        ["leaves notifications off"] = static () => new StaysSuppressed(),
    };

    /// <summary>Does not look once more before it is idle.</summary>
    public sealed class DoesNotLookAgain : QueueUnderTest
    {
        public override bool AllowNotifications()
        {
            base.AllowNotifications();
            return false;
        }
    }

    /// <summary>Has looked, and allows notifications then.</summary>
    public sealed class LooksTooEarly(VirtioFeatures features) : QueueUnderTest
    {
        private DmaContext? _dma;
        private VirtqueueLayout _layout;
        private ushort _taken;

        public override void Start(DmaContext dma, in VirtqueueLayout layout, VirtioFeatures started, ushort at)
        {
            (_dma, _layout, _taken) = (dma, layout, at);
            base.Start(dma, in layout, started, at);
        }

        public override bool TryTake(VirtqueueChain chain)
        {
            var taken = base.TryTake(chain);
            _taken += taken ? (ushort)1 : (ushort)0;
            return taken;
        }

        public override bool AllowNotifications()
        {
            Assert.Equal(DmaStatus.Ok, _dma!.LoadRelaxed(_layout.Available + 2, out ushort available));
            var status = (features & VirtioFeatures.EventIndex) != 0 ? _dma.StoreRelaxed(_layout.AvailableEvent, _taken) : _dma.StoreRelaxed(_layout.Used, (ushort)0);
            Assert.Equal(DmaStatus.Ok, status);
            return available != _taken;
        }
    }

    /// <summary>Looks whether to interrupt, and shows the driver then what it has returned.</summary>
    public sealed class AsksTooEarly : QueueUnderTest
    {
        private DmaContext? _dma;
        private VirtqueueLayout _layout;
        private ushort _used;
        private ushort _shown;

        public override void Start(DmaContext dma, in VirtqueueLayout layout, VirtioFeatures features, ushort at)
        {
            (_dma, _layout, _used, _shown) = (dma, layout, at, at);
            HasEvents = (features & VirtioFeatures.EventIndex) != 0;
            base.Start(dma, in layout, features, at);
        }

        private bool HasEvents { get; set; }

        public override void Return(ushort head, uint written)
        {
            Assert.Equal(DmaStatus.Ok, _dma!.StoreRelaxed(_layout.UsedAt(_used), (uint)head));
            Assert.Equal(DmaStatus.Ok, _dma.StoreRelaxed(_layout.UsedAt(_used) + 4, written));
            _used++;
        }

        public override bool TakeInterrupt()
        {
            Assert.Equal(DmaStatus.Ok, _dma!.LoadRelaxed(HasEvents ? _layout.UsedEvent : _layout.Available, out ushort word));
            var wants = HasEvents ? QueueRig.Passes(word, _used, _shown) : _used != _shown && word == 0;
            _shown = _used;
            Assert.Equal(DmaStatus.Ok, _dma.StoreRelaxed(_layout.Used + 2, _used));
            return wants;
        }
    }

    private sealed class ReturnsTwice : QueueUnderTest
    {
        private int _returned;

        public override void Return(ushort head, uint written)
        {
            base.Return(head, written);
            if (++_returned % 3 == 0)
            {
                base.Return(head, written);
            }
        }
    }

    private sealed class ForgetsToReturn : QueueUnderTest
    {
        private int _returned;

        public override void Return(ushort head, uint written)
        {
            if (++_returned % 3 != 0)
            {
                base.Return(head, written);
            }
        }
    }

    private sealed class WritesTooMuch : QueueUnderTest
    {
        public override void Return(ushort head, uint written) => base.Return(head, written + 1);
    }

    private sealed class NeverInterrupts : QueueUnderTest
    {
        public override bool TakeInterrupt() => base.TakeInterrupt() && false;
    }

    private sealed class AlwaysInterrupts : QueueUnderTest
    {
        public override bool TakeInterrupt() => base.TakeInterrupt() || true;
    }

    private sealed class StaysSuppressed : QueueUnderTest
    {
        public override bool AllowNotifications() => false;
    }
}
