namespace Emulator.Devices;

/// <summary>OPERATION CODE of what a disk carries out (SPC-3, SBC-3).</summary>
internal enum ScsiOperationCode : byte
{
    /// <summary>TEST UNIT READY (SPC-3).</summary>
    TestUnitReady = 0x00,

    /// <summary>REZERO UNIT (SCSI-2).</summary>
    RezeroUnit = 0x01,

    /// <summary>REQUEST SENSE (SPC-3).</summary>
    RequestSense = 0x03,

    /// <summary>READ (6) (SBC-3).</summary>
    Read6 = 0x08,

    /// <summary>WRITE (6) (SBC-3).</summary>
    Write6 = 0x0A,

    /// <summary>SEEK (6) (SCSI-2).</summary>
    Seek6 = 0x0B,

    /// <summary>INQUIRY (SPC-3).</summary>
    Inquiry = 0x12,

    /// <summary>MODE SELECT (6) (SPC-3).</summary>
    ModeSelect6 = 0x15,

    /// <summary>RESERVE (6) (SPC-2).</summary>
    Reserve6 = 0x16,

    /// <summary>RELEASE (6) (SPC-2).</summary>
    Release6 = 0x17,

    /// <summary>MODE SENSE (6) (SPC-3).</summary>
    ModeSense6 = 0x1A,

    /// <summary>START STOP UNIT (SBC-3).</summary>
    StartStopUnit = 0x1B,

    /// <summary>SEND DIAGNOSTIC (SPC-3).</summary>
    SendDiagnostic = 0x1D,

    /// <summary>PREVENT ALLOW MEDIUM REMOVAL (SPC-3).</summary>
    PreventAllow = 0x1E,

    /// <summary>READ CAPACITY (10) (SBC-3).</summary>
    ReadCapacity10 = 0x25,

    /// <summary>READ (10) (SBC-3).</summary>
    Read10 = 0x28,

    /// <summary>WRITE (10) (SBC-3).</summary>
    Write10 = 0x2A,

    /// <summary>SEEK (10) (SCSI-2).</summary>
    Seek10 = 0x2B,

    /// <summary>WRITE AND VERIFY (10) (SBC-3).</summary>
    WriteAndVerify10 = 0x2E,

    /// <summary>VERIFY (10) (SBC-3).</summary>
    Verify10 = 0x2F,

    /// <summary>SYNCHRONIZE CACHE (10) (SBC-3).</summary>
    SynchronizeCache10 = 0x35,

    /// <summary>READ DEFECT DATA (10) (SBC-3).</summary>
    ReadDefectData10 = 0x37,

    /// <summary>WRITE SAME (10) (SBC-3).</summary>
    WriteSame10 = 0x41,

    /// <summary>UNMAP (SBC-3).</summary>
    Unmap = 0x42,

    /// <summary>MODE SELECT (10) (SPC-3).</summary>
    ModeSelect10 = 0x55,

    /// <summary>RESERVE (10) (SPC-2).</summary>
    Reserve10 = 0x56,

    /// <summary>RELEASE (10) (SPC-2).</summary>
    Release10 = 0x57,

    /// <summary>MODE SENSE (10) (SPC-3).</summary>
    ModeSense10 = 0x5A,

    /// <summary>READ (16) (SBC-3).</summary>
    Read16 = 0x88,

    /// <summary>WRITE (16) (SBC-3).</summary>
    Write16 = 0x8A,

    /// <summary>WRITE AND VERIFY (16) (SBC-3).</summary>
    WriteAndVerify16 = 0x8E,

    /// <summary>VERIFY (16) (SBC-3).</summary>
    Verify16 = 0x8F,

    /// <summary>SYNCHRONIZE CACHE (16) (SBC-3).</summary>
    SynchronizeCache16 = 0x91,

    /// <summary>WRITE SAME (16) (SBC-3).</summary>
    WriteSame16 = 0x93,

    /// <summary>By its service action: READ CAPACITY (16).</summary>
    ServiceActionIn16 = 0x9E,

    /// <summary>REPORT LUNS (SPC-3).</summary>
    ReportLuns = 0xA0,

    /// <summary>By its service action: REPORT SUPPORTED OPERATION CODES and others.</summary>
    MaintenanceIn = 0xA3,

    /// <summary>READ (12) (SBC-3).</summary>
    Read12 = 0xA8,

    /// <summary>WRITE (12) (SBC-3).</summary>
    Write12 = 0xAA,

    /// <summary>WRITE AND VERIFY (12) (SBC-3).</summary>
    WriteAndVerify12 = 0xAE,

    /// <summary>VERIFY (12) (SBC-3).</summary>
    Verify12 = 0xAF,

    /// <summary>READ DEFECT DATA (12) (SBC-3).</summary>
    ReadDefectData12 = 0xB7,
}
