// Registers and bits of the LSI53C895A, by the names of its technical manual (chapter 4).
#pragma once

#include <stdint.h>

enum { LSI_VENDOR = 0x1000, LSI_DEVICE = 0x0012, LSI_REGISTERS = 0x100, LSI_RAM = 0x2000 };

enum lsi_register {
	LSI_SCNTL0 = 0x00, LSI_SCNTL1 = 0x01, LSI_SCNTL2 = 0x02, LSI_SCNTL3 = 0x03, LSI_SCID = 0x04, LSI_SXFER = 0x05, LSI_SDID = 0x06,
	LSI_GPREG = 0x07, LSI_SFBR = 0x08, LSI_SOCL = 0x09, LSI_SSID = 0x0A, LSI_SBCL = 0x0B, LSI_DSTAT = 0x0C, LSI_SSTAT0 = 0x0D,
	LSI_SSTAT1 = 0x0E, LSI_SSTAT2 = 0x0F, LSI_DSA = 0x10, LSI_ISTAT0 = 0x14, LSI_ISTAT1 = 0x15, LSI_MBOX0 = 0x16, LSI_MBOX1 = 0x17,
	LSI_CTEST0 = 0x18, LSI_CTEST1 = 0x19, LSI_CTEST2 = 0x1A, LSI_CTEST3 = 0x1B, LSI_TEMP = 0x1C, LSI_DFIFO = 0x20, LSI_CTEST4 = 0x21,
	LSI_CTEST5 = 0x22, LSI_CTEST6 = 0x23, LSI_DBC = 0x24, LSI_DCMD = 0x27, LSI_DNAD = 0x28, LSI_DSP = 0x2C, LSI_DSPS = 0x30,
	LSI_SCRATCHA = 0x34, LSI_DMODE = 0x38, LSI_DIEN = 0x39, LSI_SBR = 0x3A, LSI_DCNTL = 0x3B, LSI_ADDER = 0x3C, LSI_SIEN0 = 0x40,
	LSI_SIEN1 = 0x41, LSI_SIST0 = 0x42, LSI_SIST1 = 0x43, LSI_SLPAR = 0x44, LSI_SWIDE = 0x45, LSI_MACNTL = 0x46, LSI_GPCNTL = 0x47,
	LSI_STIME0 = 0x48, LSI_STIME1 = 0x49, LSI_RESPID0 = 0x4A, LSI_RESPID1 = 0x4B, LSI_STEST0 = 0x4C, LSI_STEST1 = 0x4D,
	LSI_STEST2 = 0x4E, LSI_STEST3 = 0x4F, LSI_SIDL = 0x50, LSI_STEST4 = 0x52, LSI_SODL = 0x54, LSI_CCNTL0 = 0x56, LSI_CCNTL1 = 0x57,
	LSI_SBDL = 0x58, LSI_SCRATCHB = 0x5C, LSI_SCRATCHC = 0x60, LSI_SCRATCHR = 0x9C, LSI_MMRS = 0xA0, LSI_MMWS = 0xA4, LSI_SFS = 0xA8,
	LSI_DRS = 0xAC, LSI_SBMS = 0xB0, LSI_DBMS = 0xB4, LSI_DNAD64 = 0xB8, LSI_PMJAD1 = 0xC0, LSI_PMJAD2 = 0xC4, LSI_RBC = 0xC8,
	LSI_UA = 0xCC, LSI_ESA = 0xD0, LSI_IA = 0xD4, LSI_SBC = 0xD8, LSI_CSBC = 0xDC,
};

enum lsi_scntl0 {
	LSI_SCNTL0_TRG = 1 << 0, LSI_SCNTL0_AAP = 1 << 1, LSI_SCNTL0_EPC = 1 << 3, LSI_SCNTL0_WATN = 1 << 4, LSI_SCNTL0_START = 1 << 5,
	LSI_SCNTL0_ARB = 3 << 6, // full arbitration
};
enum lsi_scntl1 { LSI_SCNTL1_SST = 1 << 0, LSI_SCNTL1_IARB = 1 << 1, LSI_SCNTL1_RST = 1 << 3, LSI_SCNTL1_CON = 1 << 4, LSI_SCNTL1_EXC = 1 << 7 };
enum lsi_scntl2 { LSI_SCNTL2_WSR = 1 << 0, LSI_SCNTL2_WSS = 1 << 3, LSI_SCNTL2_CHM = 1 << 6, LSI_SCNTL2_SDU = 1 << 7 };
enum lsi_scid { LSI_SCID_SRE = 1 << 5, LSI_SCID_RRE = 1 << 6 };
enum lsi_ssid { LSI_SSID_VAL = 1 << 7 };

// SOCL and SBCL
enum lsi_signals { LSI_IO = 1 << 0, LSI_CD = 1 << 1, LSI_MSG = 1 << 2, LSI_ATN = 1 << 3, LSI_SEL = 1 << 4, LSI_BSY = 1 << 5, LSI_ACK = 1 << 6, LSI_REQ = 1 << 7 };

enum lsi_dstat {
	LSI_DSTAT_IID = 1 << 0, LSI_DSTAT_SIR = 1 << 2, LSI_DSTAT_SSI = 1 << 3, LSI_DSTAT_ABRT = 1 << 4, LSI_DSTAT_BF = 1 << 5,
	LSI_DSTAT_MDPE = 1 << 6, LSI_DSTAT_DFE = 1 << 7,
};
enum lsi_sist0 {
	LSI_SIST0_PAR = 1 << 0, LSI_SIST0_RST = 1 << 1, LSI_SIST0_UDC = 1 << 2, LSI_SIST0_SGE = 1 << 3, LSI_SIST0_RSL = 1 << 4,
	LSI_SIST0_SEL = 1 << 5, LSI_SIST0_CMP = 1 << 6, LSI_SIST0_MA = 1 << 7,
};
enum lsi_sist1 { LSI_SIST1_HTH = 1 << 0, LSI_SIST1_GEN = 1 << 1, LSI_SIST1_STO = 1 << 2, LSI_SIST1_SBMC = 1 << 4 };

enum lsi_istat0 {
	LSI_ISTAT0_DIP = 1 << 0, LSI_ISTAT0_SIP = 1 << 1, LSI_ISTAT0_INTF = 1 << 2, LSI_ISTAT0_CON = 1 << 3, LSI_ISTAT0_SEM = 1 << 4,
	LSI_ISTAT0_SIGP = 1 << 5, LSI_ISTAT0_SRST = 1 << 6, LSI_ISTAT0_ABRT = 1 << 7,
};
enum lsi_istat1 { LSI_ISTAT1_SRUN = 1 << 1 };

enum lsi_ctest2 { LSI_CTEST2_DACK = 1 << 0, LSI_CTEST2_PCICIE = 1 << 3, LSI_CTEST2_CM = 1 << 4, LSI_CTEST2_CIO = 1 << 5, LSI_CTEST2_SIGP = 1 << 6, LSI_CTEST2_DDIR = 1 << 7 };
enum lsi_dmode { LSI_DMODE_MAN = 1 << 0, LSI_DMODE_DIOM = 1 << 4, LSI_DMODE_SIOM = 1 << 5 };
enum lsi_dcntl { LSI_DCNTL_COM = 1 << 0, LSI_DCNTL_IRQD = 1 << 1, LSI_DCNTL_STD = 1 << 2, LSI_DCNTL_SSM = 1 << 4, LSI_DCNTL_PFEN = 1 << 5 };
enum lsi_ccntl0 { LSI_CCNTL0_PMJCTL = 1 << 6, LSI_CCNTL0_ENPMJ = 1 << 7 };
enum lsi_ccntl1 { LSI_CCNTL1_EN64DBMV = 1 << 0, LSI_CCNTL1_EN64TIBMV = 1 << 1, LSI_CCNTL1_64TIMOD = 1 << 2 };

// STIME0, STIME1: the shortest times are 125 microseconds at a 40 MHz clock; each step doubles it.
enum lsi_stime { LSI_STIME_SEL_12MS = 8, LSI_STIME_SEL_250MS = 12 };
