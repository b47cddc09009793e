namespace Emulator.Devices;

/// <summary>Offsets of the registers (8254x manual, table 13-2). Pairs of a low and a high half are one register of 8 bytes.</summary>
public enum E1000Register : ushort
{
    /// <summary>CTRL: <see cref="E1000Control"/>.</summary>
    Control = 0x0000,

    /// <summary>STATUS: <see cref="E1000Status"/>.</summary>
    Status = 0x0008,

    /// <summary>EECD: <see cref="E1000EepromControl"/>.</summary>
    EepromControl = 0x0010,

    /// <summary>EERD: reads a word.</summary>
    EepromRead = 0x0014,

    /// <summary>CTRL_EXT.</summary>
    ControlExtended = 0x0018,

    /// <summary>FLA. There is no flash memory.</summary>
    FlashAccess = 0x001C,

    /// <summary>MDIC: reaches the PHY.</summary>
    MdiControl = 0x0020,

    /// <summary>FCAL and FCAH, 8 bytes: where PAUSE frames go to.</summary>
    FlowControlAddress = 0x0028,

    /// <summary>FCT.</summary>
    FlowControlType = 0x0030,

    /// <summary>VET: the EtherType of a tag.</summary>
    VlanType = 0x0038,

    /// <summary>ICR: <see cref="E1000Cause"/>; reading clears.</summary>
    InterruptCauseRead = 0x00C0,

    /// <summary>ITR: the least time between interrupts, in 256 ns.</summary>
    InterruptThrottling = 0x00C4,

    /// <summary>ICS.</summary>
    InterruptCauseSet = 0x00C8,

    /// <summary>IMS.</summary>
    InterruptMaskSet = 0x00D0,

    /// <summary>IMC.</summary>
    InterruptMaskClear = 0x00D8,

    /// <summary>RCTL: <see cref="E1000ReceiveControl"/>.</summary>
    ReceiveControl = 0x0100,

    /// <summary>FCTTV.</summary>
    FlowControlTimer = 0x0170,

    /// <summary>TXCW: for fibre.</summary>
    TransmitConfigurationWord = 0x0178,

    /// <summary>RXCW: for fibre.</summary>
    ReceiveConfigurationWord = 0x0180,

    /// <summary>TCTL: <see cref="E1000TransmitControl"/>.</summary>
    TransmitControl = 0x0400,

    /// <summary>TIPG.</summary>
    InterPacketGap = 0x0410,

    /// <summary>AIT.</summary>
    AdaptiveSpacing = 0x0458,

    /// <summary>LEDCTL.</summary>
    LedControl = 0x0E00,

    /// <summary>PBA: KiB for receiving, and what is left for transmitting.</summary>
    PacketBufferAllocation = 0x1000,

    /// <summary>FCRTL.</summary>
    FlowControlLow = 0x2160,

    /// <summary>FCRTH.</summary>
    FlowControlHigh = 0x2168,

    /// <summary>RDFH.</summary>
    ReceiveFifoHead = 0x2410,

    /// <summary>RDFT.</summary>
    ReceiveFifoTail = 0x2418,

    /// <summary>RDFHS.</summary>
    ReceiveFifoHeadSaved = 0x2420,

    /// <summary>RDFTS.</summary>
    ReceiveFifoTailSaved = 0x2428,

    /// <summary>RDFPC.</summary>
    ReceiveFifoCount = 0x2430,

    /// <summary>RDBAL and RDBAH, 8 bytes.</summary>
    ReceiveBase = 0x2800,

    /// <summary>RDLEN: bytes of the ring.</summary>
    ReceiveLength = 0x2808,

    /// <summary>RDH.</summary>
    ReceiveHead = 0x2810,

    /// <summary>RDT.</summary>
    ReceiveTail = 0x2818,

    /// <summary>RDTR: from the last packet to the interrupt, in 1.024 us; FPD.</summary>
    ReceiveDelay = 0x2820,

    /// <summary>RXDCTL.</summary>
    ReceiveDescriptorControl = 0x2828,

    /// <summary>RADV: from the first packet to the interrupt, in 1.024 us.</summary>
    ReceiveAbsoluteDelay = 0x282C,

    /// <summary>RSRPD: the longest packet that is small.</summary>
    ReceiveSmallPacket = 0x2C00,

    /// <summary>TXDMAC.</summary>
    TransmitDmaControl = 0x3000,

    /// <summary>TDFH.</summary>
    TransmitFifoHead = 0x3410,

    /// <summary>TDFT.</summary>
    TransmitFifoTail = 0x3418,

    /// <summary>TDFHS.</summary>
    TransmitFifoHeadSaved = 0x3420,

    /// <summary>TDFTS.</summary>
    TransmitFifoTailSaved = 0x3428,

    /// <summary>TDFPC.</summary>
    TransmitFifoCount = 0x3430,

    /// <summary>TDBAL and TDBAH, 8 bytes.</summary>
    TransmitBase = 0x3800,

    /// <summary>TDLEN: bytes of the ring.</summary>
    TransmitLength = 0x3808,

    /// <summary>TDH.</summary>
    TransmitHead = 0x3810,

    /// <summary>TDT.</summary>
    TransmitTail = 0x3818,

    /// <summary>TIDV: from the last packet to the interrupt, in 1.024 us.</summary>
    TransmitDelay = 0x3820,

    /// <summary>TXDCTL.</summary>
    TransmitDescriptorControl = 0x3828,

    /// <summary>TADV: from the first packet to the interrupt, in 1.024 us.</summary>
    TransmitAbsoluteDelay = 0x382C,

    /// <summary>TSPMT.</summary>
    SegmentationPadding = 0x3830,

    /// <summary>CRCERRS.</summary>
    CrcErrors = 0x4000,

    /// <summary>ALGNERRC.</summary>
    AlignmentErrors = 0x4004,

    /// <summary>SYMERRS.</summary>
    SymbolErrors = 0x4008,

    /// <summary>RXERRC.</summary>
    ReceiveErrors = 0x400C,

    /// <summary>MPC.</summary>
    MissedPackets = 0x4010,

    /// <summary>SCC.</summary>
    SingleCollisions = 0x4014,

    /// <summary>ECOL.</summary>
    ExcessiveCollisions = 0x4018,

    /// <summary>MCC.</summary>
    MultipleCollisions = 0x401C,

    /// <summary>LATECOL.</summary>
    LateCollisions = 0x4020,

    /// <summary>COLC.</summary>
    Collisions = 0x4028,

    /// <summary>DC.</summary>
    Defers = 0x4030,

    /// <summary>TNCRS.</summary>
    TransmitsWithoutCarrier = 0x4034,

    /// <summary>SEC.</summary>
    SequenceErrors = 0x4038,

    /// <summary>CEXTERR.</summary>
    CarrierExtensionErrors = 0x403C,

    /// <summary>RLEC.</summary>
    LengthErrors = 0x4040,

    /// <summary>XONRXC.</summary>
    XonReceived = 0x4048,

    /// <summary>XONTXC.</summary>
    XonTransmitted = 0x404C,

    /// <summary>XOFFRXC.</summary>
    XoffReceived = 0x4050,

    /// <summary>XOFFTXC.</summary>
    XoffTransmitted = 0x4054,

    /// <summary>FCRUC.</summary>
    FlowControlUnsupported = 0x4058,

    /// <summary>PRC64, and behind it PRC127, PRC255, PRC511, PRC1023, PRC1522.</summary>
    PacketsReceived64 = 0x405C,

    /// <summary>GPRC.</summary>
    GoodPacketsReceived = 0x4074,

    /// <summary>BPRC.</summary>
    BroadcastsReceived = 0x4078,

    /// <summary>MPRC.</summary>
    MulticastsReceived = 0x407C,

    /// <summary>GPTC.</summary>
    GoodPacketsTransmitted = 0x4080,

    /// <summary>GORCL and GORCH, 8 bytes.</summary>
    GoodOctetsReceived = 0x4088,

    /// <summary>GOTCL and GOTCH, 8 bytes.</summary>
    GoodOctetsTransmitted = 0x4090,

    /// <summary>RNBC.</summary>
    NoBuffers = 0x40A0,

    /// <summary>RUC.</summary>
    Undersized = 0x40A4,

    /// <summary>RFC.</summary>
    Fragments = 0x40A8,

    /// <summary>ROC.</summary>
    Oversized = 0x40AC,

    /// <summary>RJC.</summary>
    Jabbers = 0x40B0,

    /// <summary>MGTPRC.</summary>
    ManagementReceived = 0x40B4,

    /// <summary>MGTPDC.</summary>
    ManagementDropped = 0x40B8,

    /// <summary>MGTPTC.</summary>
    ManagementTransmitted = 0x40BC,

    /// <summary>TORL and TORH, 8 bytes.</summary>
    TotalOctetsReceived = 0x40C0,

    /// <summary>TOTL and TOTH, 8 bytes.</summary>
    TotalOctetsTransmitted = 0x40C8,

    /// <summary>TPR.</summary>
    TotalPacketsReceived = 0x40D0,

    /// <summary>TPT.</summary>
    TotalPacketsTransmitted = 0x40D4,

    /// <summary>PTC64, and behind it PTC127, PTC255, PTC511, PTC1023, PTC1522.</summary>
    PacketsTransmitted64 = 0x40D8,

    /// <summary>MPTC.</summary>
    MulticastsTransmitted = 0x40F0,

    /// <summary>BPTC.</summary>
    BroadcastsTransmitted = 0x40F4,

    /// <summary>TSCTC: packets that were segmented.</summary>
    SegmentedPackets = 0x40F8,

    /// <summary>TSCTFC.</summary>
    SegmentationFailures = 0x40FC,

    /// <summary>RXCSUM: <see cref="E1000ChecksumControl"/>.</summary>
    ReceiveChecksumControl = 0x5000,

    /// <summary>MTA: 128 dwords, a bit for each value of the hash.</summary>
    MulticastTable = 0x5200,

    /// <summary>RAL and RAH: 16 of 8 bytes. The first is the station's own.</summary>
    ReceiveAddress = 0x5400,

    /// <summary>VFTA: 128 dwords, a bit for each VLAN.</summary>
    VlanTable = 0x5600,

    /// <summary>WUC. Nothing ever sleeps.</summary>
    WakeUpControl = 0x5800,

    /// <summary>WUFC.</summary>
    WakeUpFilter = 0x5808,

    /// <summary>WUS.</summary>
    WakeUpStatus = 0x5810,

    /// <summary>MANC. There is no management.</summary>
    ManagementControl = 0x5820,

    /// <summary>IPAV.</summary>
    AddressesValid = 0x5838,

    /// <summary>IP4AT: 4 of 8 bytes.</summary>
    WakeUpAddress4 = 0x5840,

    /// <summary>IP6AT: 4 dwords.</summary>
    WakeUpAddress6 = 0x5880,

    /// <summary>WUPL.</summary>
    WakeUpLength = 0x5900,

    /// <summary>WUPM: 32 dwords.</summary>
    WakeUpPacket = 0x5A00,

    /// <summary>FFLT: 4 of 8 bytes.</summary>
    FlexibleLength = 0x5F00,

    /// <summary>FFMT: 128 of 8 bytes.</summary>
    FlexibleMask = 0x9000,

    /// <summary>FFVT: 128 of 8 bytes.</summary>
    FlexibleValue = 0x9800,
}
