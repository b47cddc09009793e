using System.Runtime.CompilerServices;

namespace Emulator.Memory;

// What is not inside one page of the range used last: found in the map, translated, observed, refused. Kept out of line,
// so that an access that needs none of it carries none of it.
public sealed unsafe partial class DmaContext
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private DmaStatus ReadPieces(ulong address, Span<byte> data)
    {
        var status = DmaStatus.Ok;
        var at = address;
        var rest = data;
        while (!rest.IsEmpty && (status = Locate(address, at, rest.Length, DmaDirection.Read, out var place)) == DmaStatus.Ok)
        {
            if (Owner.Initiator is { } initiator && initiator.Memory.Covers(place.Physical))
            {
                initiator.Read(place.Host, place.Physical, rest[..place.Count]);
            }
            else
            {
                GuestWords.CopyOut(place.Host, rest[..place.Count]);
            }

            rest = rest[place.Count..];
            at += (ulong)place.Count;
        }

        rest.Fill(0xFF);
        Owner.Observer?.Moved(data);
        return Ended(DmaDirection.Read, address, data.Length, status);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DmaStatus WritePieces(ulong address, ReadOnlySpan<byte> data)
    {
        var status = DmaStatus.Ok;
        var at = address;
        var rest = data;
        while (!rest.IsEmpty && (status = Locate(address, at, rest.Length, DmaDirection.Write, out var place)) == DmaStatus.Ok)
        {
            Put(in place, rest[..place.Count]);

            rest = rest[place.Count..];
            at += (ulong)place.Count;
        }

        Owner.Observer?.Moved(data);
        return Ended(DmaDirection.Write, address, data.Length, status);
    }

    private void Put(in Place place, ReadOnlySpan<byte> data)
    {
        if (Owner.Initiator is { } initiator && initiator.Memory.Covers(place.Physical))
        {
            initiator.Write(place.Host, place.CodeByte, place.Physical, data);
            return;
        }

        GuestWords.CopyIn(place.Host, data);
        if (Volatile.Read(ref *place.CodeByte) != 0)
        {
            _memory.NotifyWritten(place.CodeByte, place.Physical);
        }
    }

    // A page at most, so that the map, the code and bus mastering are looked at once for each.
    private DmaStatus Locate(ulong start, ulong address, int length, DmaDirection direction, out Place place)
    {
        place = default;
        if (!IsBusMaster)
        {
            return DmaStatus.NotBusMaster;
        }

        if (address < start)
        {
            // Nothing is past the top of the address space; it does not go on at 0.
            return DmaStatus.Unassigned;
        }

        var physical = address;
        var translator = Owner.Translator;
        if (translator is not null)
        {
            var translated = translator.Translate(address, direction, out physical);
            if (translated != DmaStatus.Ok)
            {
                return translated;
            }
        }

        var map = _memory.Map;
        ref readonly var range = ref map.Find(physical);
        var claimed = Claim(in range, direction);
        if (claimed != DmaStatus.Ok)
        {
            return claimed;
        }

        var offset = physical - range.First;
        place = new Place(
            physical,
            range.Host + offset,
            range.CodeMap + (offset / RamBlock.PageSize),
            (int)Math.Min((ulong)length, RamBlock.PageSize - (offset & OffsetInPage)));
        if (range.Kind == RegionKind.Ram && _steady != DmaFlags.Never)
        {
            _map = map;
            _first = range.First;
            _size = range.Last - range.First + 1;
            _host = range.Host;
            _codeMap = range.CodeMap;
        }

        return DmaStatus.Ok;
    }

    private static DmaStatus Claim(in MapRange range, DmaDirection direction) => (range.Kind, direction) switch
    {
        (RegionKind.Ram, _) or (RegionKind.Rom, DmaDirection.Read) => DmaStatus.Ok,
        (RegionKind.Rom, _) when range.Region!.Target is null => DmaStatus.Unassigned,
        (RegionKind.Rom or RegionKind.Mmio, _) => DmaStatus.Registers,
        _ => DmaStatus.Unassigned,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DmaStatus RefuseRead(ulong address, Span<byte> data)
    {
        data.Fill(0xFF);
        return Refuse(DmaDirection.Read, address, data.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DmaStatus RefuseLoad<T>(ulong address, out T value)
        where T : unmanaged
    {
        value = default;
        fixed (T* bytes = &value)
        {
            return RefuseRead(address, new Span<byte>(bytes, sizeof(T)));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DmaStatus Refuse(DmaDirection direction, ulong address, int length) =>
        Ended(direction, address, length, DmaStatus.NotBusMaster);

    private DmaStatus Ended(DmaDirection direction, ulong address, int length, DmaStatus status)
    {
        if (status != DmaStatus.Ok)
        {
            // Of an access that was refused it is not known how much of it there was.
            _last = Unknown;
        }

        return Report(direction, address, length, status);
    }

    private DmaStatus Report(DmaDirection direction, ulong address, int length, DmaStatus status)
    {
        if (status != DmaStatus.Ok)
        {
            Owner.Count(status, direction, address, length);
        }

        Owner.Observer?.Accessed(direction, address, length, status);
        return status;
    }

    // Where a piece is: RAM or ROM inside one page.
    private readonly struct Place
    {
        public readonly ulong Physical;
        public readonly byte* Host;
        public readonly byte* CodeByte;
        public readonly int Count;

        public Place(ulong physical, byte* host, byte* codeByte, int count)
        {
            Physical = physical;
            Host = host;
            CodeByte = codeByte;
            Count = count;
        }
    }
}
