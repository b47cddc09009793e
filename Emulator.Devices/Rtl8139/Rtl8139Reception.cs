namespace Emulator.Devices;

/// <summary>What the registers say to the receiver, copied.</summary>
internal struct Rtl8139Reception
{
    /// <summary>The function's stamp when it was copied.</summary>
    public int Stamp;

    /// <summary>Counts how often the ring was begun anew.</summary>
    public int Epoch;

    /// <summary>Packets are received.</summary>
    public bool IsOn;

    /// <summary>What is received is what this controller sends.</summary>
    public bool IsLoopback;

    /// <summary>RCR.</summary>
    public Rtl8139ReceiveConfiguration Configuration;

    /// <summary>IDR, the first byte lowest.</summary>
    public ulong Address;

    /// <summary>MAR.</summary>
    public ulong Filter;

    /// <summary>RBSTART.</summary>
    public uint Ring;

    /// <summary>Bytes in the ring, without the 16 behind it.</summary>
    public int RingSize;

    /// <summary>CBR: a multiple of 4 in the ring.</summary>
    public int Write;

    /// <summary>Where the driver reads in the ring.</summary>
    public int Read;

    /// <summary>C+CR; 0 if the part has none.</summary>
    public Rtl8139CPlusCommand CPlus;

    /// <summary>RDSAR.</summary>
    public ulong Descriptors;

    /// <summary>True if packets go into descriptors.</summary>
    public readonly bool IsCPlus => (CPlus & Rtl8139CPlusCommand.Receive) != 0;

    /// <summary>Bytes in the ring that are the controller's.</summary>
    public readonly int Free => Read == Write ? RingSize : (Read - Write) & (RingSize - 1);
}

/// <summary>What the registers say to the transmitter, copied.</summary>
internal struct Rtl8139Transmission
{
    /// <summary>The function's stamp when it was copied.</summary>
    public int Stamp;

    /// <summary>Counts how often the transmitter was switched on.</summary>
    public int Epoch;

    /// <summary>Packets are sent.</summary>
    public bool IsOn;

    /// <summary>Packets are in descriptors in memory.</summary>
    public bool IsCPlus;

    /// <summary>TCR.</summary>
    public Rtl8139TransmitConfiguration Configuration;

    /// <summary>TPPoll: which rings have something.</summary>
    public Rtl8139TransmitPoll Poll;

    /// <summary>TNPDS.</summary>
    public ulong NormalRing;

    /// <summary>THPDS.</summary>
    public ulong HighRing;

    /// <summary>True if what is sent comes back.</summary>
    public readonly bool IsLoopback => (Configuration & Rtl8139TransmitConfiguration.Loopback) == Rtl8139TransmitConfiguration.Loopback;
}

/// <summary>What became of a packet, or of a turn.</summary>
internal enum Rtl8139Outcome : byte
{
    /// <summary>Done; there may be more.</summary>
    Done,

    /// <summary>Nothing can be done until the driver, or the wire, says so.</summary>
    Wait,

    /// <summary>There is no room in the ring, or no descriptor.</summary>
    Full,

    /// <summary>Lost.</summary>
    Lost,
}
