// The registers of a 16550 UART (PC16550D data sheet, table II).
#pragma once

#define COM1 0x3F8

enum uart_registers {
	UART_RBR = 0, UART_THR = 0, UART_DLL = 0, UART_DLM = 1, UART_IER = 1, UART_IIR = 2, UART_FCR = 2,
	UART_LCR = 3, UART_MCR = 4, UART_LSR = 5, UART_MSR = 6, UART_SCR = 7,
};

#define UART_IER_ERBFI 0x01 // received data available
#define UART_IER_ETBEI 0x02 // transmitter holding register empty
#define UART_IER_ELSI 0x04
#define UART_IER_EDSSI 0x08

#define UART_IIR_NONE 0x01
#define UART_IIR_ID 0x0F
#define UART_IIR_MODEM 0x00
#define UART_IIR_THRE 0x02
#define UART_IIR_RDA 0x04
#define UART_IIR_RLS 0x06
#define UART_IIR_TIMEOUT 0x0C
#define UART_IIR_FIFOS 0xC0

#define UART_FCR_ENABLE 0x01
#define UART_FCR_CLEAR_RECEIVE 0x02
#define UART_FCR_CLEAR_TRANSMIT 0x04
#define UART_FCR_TRIGGER_1 0x00
#define UART_FCR_TRIGGER_4 0x40
#define UART_FCR_TRIGGER_8 0x80
#define UART_FCR_TRIGGER_14 0xC0

#define UART_LCR_8N1 0x03
#define UART_LCR_DLAB 0x80

#define UART_MCR_DTR 0x01
#define UART_MCR_RTS 0x02
#define UART_MCR_OUT1 0x04
#define UART_MCR_OUT2 0x08 // on a PC: lets the interrupt out to the PIC
#define UART_MCR_LOOP 0x10

#define UART_LSR_DR 0x01
#define UART_LSR_OE 0x02
#define UART_LSR_THRE 0x20
#define UART_LSR_TEMT 0x40

#define UART_MSR_CTS 0x10
#define UART_MSR_DSR 0x20
#define UART_MSR_RI 0x40
#define UART_MSR_DCD 0x80
