// Registers, bits and descriptors of the 82540EM, by the names of its manual (8254x software developer's manual).
#pragma once

#include <stdint.h>

enum e1000_register {
	E1000_CTRL = 0x0000, E1000_STATUS = 0x0008, E1000_EECD = 0x0010, E1000_EERD = 0x0014, E1000_MDIC = 0x0020, E1000_VET = 0x0038,
	E1000_ICR = 0x00C0, E1000_ITR = 0x00C4, E1000_ICS = 0x00C8, E1000_IMS = 0x00D0, E1000_IMC = 0x00D8,
	E1000_RCTL = 0x0100, E1000_TCTL = 0x0400, E1000_TIPG = 0x0410,
	E1000_RDBAL = 0x2800, E1000_RDBAH = 0x2804, E1000_RDLEN = 0x2808, E1000_RDH = 0x2810, E1000_RDT = 0x2818, E1000_RDTR = 0x2820,
	E1000_RXDCTL = 0x2828, E1000_RADV = 0x282C,
	E1000_TDBAL = 0x3800, E1000_TDBAH = 0x3804, E1000_TDLEN = 0x3808, E1000_TDH = 0x3810, E1000_TDT = 0x3818, E1000_TIDV = 0x3820,
	E1000_TXDCTL = 0x3828, E1000_TADV = 0x382C,
	E1000_MPC = 0x4010, E1000_PRC64 = 0x405C, E1000_PRC1522 = 0x4070, E1000_GPRC = 0x4074, E1000_BPRC = 0x4078, E1000_MPRC = 0x407C,
	E1000_GPTC = 0x4080, E1000_GORCL = 0x4088, E1000_GORCH = 0x408C, E1000_GOTCL = 0x4090, E1000_GOTCH = 0x4094,
	E1000_RNBC = 0x40A0, E1000_ROC = 0x40AC, E1000_TORL = 0x40C0, E1000_TORH = 0x40C4, E1000_TOTL = 0x40C8, E1000_TOTH = 0x40CC,
	E1000_TPR = 0x40D0, E1000_TPT = 0x40D4, E1000_PTC64 = 0x40D8, E1000_PTC1522 = 0x40EC, E1000_MPTC = 0x40F0, E1000_BPTC = 0x40F4,
	E1000_TSCTC = 0x40F8, E1000_LAST_STATISTIC = 0x4124,
	E1000_RXCSUM = 0x5000, E1000_MTA = 0x5200, E1000_RA = 0x5400, E1000_VFTA = 0x5600,
};

enum { E1000_MTA_WORDS = 128, E1000_VFTA_WORDS = 128, E1000_RECEIVE_ADDRESSES = 16 };
#define E1000_RAL(index) (E1000_RA + (index) * 8u)
#define E1000_RAH(index) (E1000_RA + (index) * 8u + 4u)
#define E1000_RAH_AV 0x80000000u

// CTRL, 13.4.1; STATUS, 13.4.2
enum { E1000_CTRL_FD = 1 << 0, E1000_CTRL_ASDE = 1 << 5, E1000_CTRL_SLU = 1 << 6, E1000_CTRL_RST = 1 << 26, E1000_CTRL_VME = 1 << 30 };
#define E1000_CTRL_PHY_RST 0x80000000u
enum { E1000_STATUS_FD = 1 << 0, E1000_STATUS_LU = 1 << 1 };

// EECD, 13.4.3; EERD, 13.4.4; MDIC, 13.4.6
enum {
	E1000_EECD_SK = 1 << 0, E1000_EECD_CS = 1 << 1, E1000_EECD_DI = 1 << 2, E1000_EECD_DO = 1 << 3, E1000_EECD_REQ = 1 << 6,
	E1000_EECD_GNT = 1 << 7, E1000_EECD_PRES = 1 << 8,
};
enum { E1000_EERD_START = 1 << 0, E1000_EERD_DONE = 1 << 4, E1000_EERD_ADDRESS = 8, E1000_EERD_DATA = 16 };
enum { E1000_EEPROM_WORDS = 64, E1000_EEPROM_SUM = 0xBABA };
enum {
	E1000_MDIC_REGISTER = 16, E1000_MDIC_PHY = 21, E1000_MDIC_WRITE = 1 << 26, E1000_MDIC_READ = 2 << 26, E1000_MDIC_READY = 1 << 28,
	E1000_MDIC_INTERRUPT = 1 << 29, E1000_MDIC_ERROR = 1 << 30,
};

// The PHY's registers (IEEE 802.3, 22.2.4)
enum { E1000_PHY_CONTROL = 0, E1000_PHY_STATUS = 1, E1000_PHY_ID1 = 2, E1000_PHY_ID2 = 3, E1000_PHY_ADVERTISEMENT = 4 };
enum {
	E1000_PHY_SPEED_1000 = 1 << 6, E1000_PHY_FULL_DUPLEX = 1 << 8, E1000_PHY_RESTART = 1 << 9, E1000_PHY_POWER_DOWN = 1 << 11,
	E1000_PHY_NEGOTIATION = 1 << 12, E1000_PHY_LOOPBACK = 1 << 14, E1000_PHY_RESET = 1 << 15,
};
enum { E1000_PHY_STATUS_LINK = 1 << 2, E1000_PHY_STATUS_NEGOTIATED = 1 << 5 };

// Causes of interrupts: ICR, ICS, IMS, IMC, 13.4.17 to 13.4.21
enum e1000_cause {
	E1000_TXDW = 1 << 0, E1000_TXQE = 1 << 1, E1000_LSC = 1 << 2, E1000_RXDMT0 = 1 << 4, E1000_RXO = 1 << 6, E1000_RXT0 = 1 << 7,
	E1000_MDAC = 1 << 9, E1000_TXD_LOW = 1 << 15, E1000_SRPD = 1 << 16,
};

// RCTL, 13.4.22; TCTL, 13.4.33; RXCSUM, 13.4.32
enum e1000_receive_control {
	E1000_RCTL_EN = 1 << 1, E1000_RCTL_UPE = 1 << 3, E1000_RCTL_MPE = 1 << 4, E1000_RCTL_LPE = 1 << 5, E1000_RCTL_RDMTS = 8,
	E1000_RCTL_MO = 12, E1000_RCTL_BAM = 1 << 15, E1000_RCTL_BSIZE = 16, E1000_RCTL_VFE = 1 << 18, E1000_RCTL_CFIEN = 1 << 19,
	E1000_RCTL_CFI = 1 << 20, E1000_RCTL_BSEX = 1 << 25, E1000_RCTL_SECRC = 1 << 26,
};
enum { E1000_TCTL_EN = 1 << 1, E1000_TCTL_PSP = 1 << 3, E1000_TCTL_CT = 4, E1000_TCTL_COLD = 12 };
enum { E1000_RXCSUM_IPOFL = 1 << 8, E1000_RXCSUM_TUOFL = 1 << 9 };

/// A receive descriptor (3.2.3).
struct e1000_receive_descriptor {
	uint64_t buffer;
	uint16_t length, checksum;
	uint8_t status, errors;
	uint16_t special;
};
enum {
	E1000_RXD_DD = 1 << 0, E1000_RXD_EOP = 1 << 1, E1000_RXD_IXSM = 1 << 2, E1000_RXD_VP = 1 << 3, E1000_RXD_TCPCS = 1 << 5,
	E1000_RXD_IPCS = 1 << 6, E1000_RXD_PIF = 1 << 7,
};
enum { E1000_RXD_CE = 1 << 0, E1000_RXD_TCPE = 1 << 5, E1000_RXD_IPE = 1 << 6, E1000_RXD_RXE = 1 << 7 };

/// A transmit descriptor in its three formats: legacy (3.3.3), TCP/IP context (3.3.6), TCP/IP data (3.3.7).
union e1000_transmit_descriptor {
	struct { uint64_t buffer; uint16_t length; uint8_t cso, command, status, css; uint16_t special; } legacy;
	struct { uint8_t ipcss, ipcso; uint16_t ipcse; uint8_t tucss, tucso; uint16_t tucse; uint32_t length_command; uint8_t status, header; uint16_t mss; } context;
	struct { uint64_t buffer; uint32_t length_command; uint8_t status, options; uint16_t special; } data;
	uint64_t words[2];
};
enum {
	E1000_TXD_EOP = 1 << 0, E1000_TXD_IFCS = 1 << 1, E1000_TXD_IC = 1 << 2, E1000_TXD_RS = 1 << 3, E1000_TXD_DEXT = 1 << 5,
	E1000_TXD_VLE = 1 << 6, E1000_TXD_IDE = 1 << 7,
};
enum { E1000_TXD_TCP = 1 << 0, E1000_TXD_IP = 1 << 1, E1000_TXD_TSE = 1 << 2 }; // TCP and IP: of a context
#define E1000_TXD_DATA (1u << 20)                                               // DTYP of a data descriptor, in length_command
#define E1000_TXD_COMMAND(bits) ((uint32_t)(bits) << 24)
enum { E1000_TXD_IXSM = 1 << 0, E1000_TXD_TXSM = 1 << 1 };                      // options
enum { E1000_TXD_DD = 1 << 0 };                                                 // status
