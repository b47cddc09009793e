using System.Runtime.CompilerServices;

namespace Emulator.Memory;

// The fences that a device asks for by the name of a site, which can be left out on purpose, and what sees every fence.
public sealed unsafe partial class DmaContext
{
    /// <summary>As <see cref="Publish{T}(ulong, T)"/>, at a site.</summary>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    /// <param name="address">A multiple of the size, unless the guest chose it.</param>
    /// <param name="value">The word.</param>
    /// <param name="site">The obligation that it meets.</param>
    public DmaStatus Publish<T>(ulong address, T value, OrderingSite site)
        where T : unmanaged
    {
        if (!Enter(NextWrite))
        {
            return Refuse(DmaDirection.Write, address, sizeof(T));
        }

        if (_steady != DmaFlags.Never || IssueAt(site, DmaFence.Release))
        {
            Fences.Release();
        }

        return StoreWord(address, value);
    }

    /// <summary>As <see cref="Publish{T}(ulong, T, OrderingSite)"/>, without the bus's fence: the site's is all there is.</summary>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    /// <param name="address">A multiple of the size, unless the guest chose it.</param>
    /// <param name="value">The word.</param>
    /// <param name="site">The obligation that it meets.</param>
    public DmaStatus PublishRelaxed<T>(ulong address, T value, OrderingSite site)
        where T : unmanaged
    {
        if (!EnterRelaxed())
        {
            return Refuse(DmaDirection.Write, address, sizeof(T));
        }

        if (_steady != DmaFlags.Never || IssueAt(site, DmaFence.Release))
        {
            Fences.Release();
        }

        return StoreWord(address, value);
    }

    /// <summary>A write and the word that hands it over: a site's pair of writes.</summary>
    /// <typeparam name="T">A plain type of 1, 2, 4 or 8 bytes, little-endian in memory.</typeparam>
    /// <param name="bodyAddress">Any alignment.</param>
    /// <param name="body">What is handed over.</param>
    /// <param name="address">A multiple of the size of the word, unless the guest chose it.</param>
    /// <param name="value">The word.</param>
    /// <param name="site">The obligation that the pair meets.</param>
    /// <returns>The status of the first of the two that was refused; the second is then not made.</returns>
    public DmaStatus WriteThenPublish<T>(ulong bodyAddress, ReadOnlySpan<byte> body, ulong address, T value, OrderingSite site)
        where T : unmanaged
    {
        if (IsAttached && Owner.MutationOf(site) == SiteMutation.Swapped)
        {
            var early = Publish(address, value, site);
            if (early == DmaStatus.Ok)
            {
                Owner.Observer?.At(site, SiteMutation.Swapped, DmaFence.None);
                early = Write(bodyAddress, body);
            }

            return early;
        }

        var status = Write(bodyAddress, body);
        return status != DmaStatus.Ok ? status : Publish(address, value, site);
    }

    /// <summary>As <see cref="ReadBarrier()"/>, at a site.</summary>
    /// <param name="site">The obligation that it meets.</param>
    public void ReadBarrier(OrderingSite site)
    {
        if (!IsAttached || IssueAt(site, DmaFence.LoadLoad))
        {
            Fences.LoadLoad();
        }
    }

    /// <summary>As <see cref="WriteBarrier()"/>, at a site.</summary>
    /// <param name="site">The obligation that it meets.</param>
    public void WriteBarrier(OrderingSite site)
    {
        if (!IsAttached || IssueAt(site, DmaFence.StoreStore))
        {
            Fences.StoreStore();
        }
    }

    /// <summary>As <see cref="FullBarrier()"/>, at a site.</summary>
    /// <param name="site">The obligation that it meets.</param>
    public void FullBarrier(OrderingSite site)
    {
        if (!IsAttached || IssueAt(site, DmaFence.Full))
        {
            Fences.Full();
        }
    }

    /// <summary>True if a site's fence is to be left out that is not one of this context's own: then the device leaves it out.</summary>
    /// <param name="site">The site.</param>
    public bool IsDropped(OrderingSite site) => IsAttached && Owner.MutationOf(site) == SiteMutation.Dropped;

    /// <summary>True if a site's two accesses, one of which is a read, are to be made in the wrong order: then the device makes them so.</summary>
    /// <param name="site">A site with a pair that does not go through <see cref="WriteThenPublish"/>.</param>
    public bool IsSwapped(OrderingSite site) => IsAttached && Owner.MutationOf(site) == SiteMutation.Swapped;

    private bool IsAttached => (Volatile.Read(ref _flags) & DmaFlags.Attached) != 0;

    // False if the site's fence is left out.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IssueAt(OrderingSite site, DmaFence fence)
    {
        var mutation = Owner.MutationOf(site);
        Owner.Observer?.At(site, mutation, fence);
        if (mutation == SiteMutation.Dropped)
        {
            return false;
        }

        Issue(fence);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Issue(DmaFence fence)
    {
        if (IsAttached)
        {
            Owner.Observer?.Fence(fence);
            Owner.Initiator?.Fence(fence);
        }
    }
}
