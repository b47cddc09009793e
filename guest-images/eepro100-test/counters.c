// Statistical counters (6.3.2.4): what they count, how many there are, the word behind them.
#include "parts.h"

enum { TransmitGood = 0, ReceiveGood = 36 / 4, ReceiveResource = 48 / 4, ReceiveShort = 60 / 4, Counters = 24 };
enum { Dumped = 0xA005, DumpedAndReset = 0xA007 };

static volatile uint32_t area[Counters + 2] __attribute__((aligned(16)));

// Has them written, and says if the word behind `count` of them and nothing else tells so.
static bool dump(unsigned count, enum eepro100_unit_command command)
{
	uint32_t done = command == CU_DUMP_COUNTERS ? Dumped : DumpedAndReset;
	for (unsigned i = 0; i < Counters + 2; i++) {
		area[i] = 0x55555555;
	}
	area[count] = 0;
	bool came = eepro100_command(&tested.chip, command, NULL) && within_deadline(area[count] == done);
	dma_rmb(); // pairs with the controller's: counters, then the word behind them
	return came && area[count + 1] == 0x55555555;
}

static bool exchange_frames(unsigned out, unsigned in)
{
	bool all = true;
	for (unsigned i = 0; i < out && all; i++) {
		all = send_packet(&tested, peer.address, 60, i) && receives_packet(&peer, 60, i);
	}
	for (unsigned i = 0; i < in && all; i++) {
		all = send_packet(&peer, tested.address, 60, i) && receives_packet(&tested, 60, i);
	}
	return all;
}

static void check_standard(void)
{
	(void)dump(16, CU_DUMP_AND_RESET);
	bool zero = dump(16, CU_DUMP_COUNTERS);
	for (unsigned i = 0; i < 16; i++) {
		zero = zero && area[i] == 0;
	}
	report("counters: 16, and zero after dump and reset", zero);
	report("counters: frames come and go", exchange_frames(5, 3) && dump(16, CU_DUMP_COUNTERS));
	report_equal("counters: sent", area[TransmitGood], 5);
	report_equal("counters: received", area[ReceiveGood], 3);
	report("counters: a dump leaves them as they are", dump(16, CU_DUMP_AND_RESET) && area[TransmitGood] == 5 && area[ReceiveGood] == 3);
	report("counters: a dump with reset does not", dump(16, CU_DUMP_COUNTERS) && area[TransmitGood] == 0 && area[ReceiveGood] == 0);
}

static void check_more(void)
{
	static const char extended[] = "counters: 19, extended", management[] = "counters: 20, with those of management frames";
	if (!is_82558) {
		report_skip(extended, "an 82557 has 16");
		report_skip(management, "an 82557 has 16");
		return;
	}
	if (qemu_departs(extended, "has 16 whatever the configuration (6.3.2.4)")) {
		return;
	}
	tested.configuration[6] &= (uint8_t)~C6_STANDARD_COUNTERS;
	(void)set_configuration(&tested);
	report(extended, dump(19, CU_DUMP_AND_RESET));
	if (is_82559) {
		tested.configuration[6] |= C6_TCO_COUNTERS;
		(void)set_configuration(&tested);
		report(management, dump(20, CU_DUMP_AND_RESET));
	} else {
		report_skip(management, "an 82558 has 19");
	}
}

static void check_errors(void)
{
	if (qemu_departs("counters: short frames", "has no loopback to make one by (6.4.2.3, byte 10)")) {
		return;
	}
	(void)dump(16, CU_DUMP_AND_RESET);
	tested.configuration[10] |= C10_LOOPBACK;
	tested.configuration[18] &= (uint8_t)~C18_PADDING;
	(void)set_configuration(&tested);
	(void)send_packet(&tested, tested.address, 40, 1);
	(void)send_packet(&tested, tested.address, 60, 2);
	report("counters: short frames", receives_packet(&tested, 60, 2) && dump(16, CU_DUMP_COUNTERS) && area[ReceiveShort] == 1);
	report_equal("counters: which are not good ones", area[ReceiveGood], 1);
	tested.configuration[10] &= (uint8_t)~C10_LOOPBACK;
	tested.configuration[18] |= C18_PADDING;
	(void)set_configuration(&tested);
}

void check_counters(void)
{
	begin(&tested);
	begin(&peer);
	(void)start_receiving(&tested, 4, NIC_LONGEST_FRAME + 6);
	(void)start_receiving(&peer, 4, NIC_LONGEST_FRAME + 6);
	(void)eepro100_command_now(&tested.chip, CU_LOAD_COUNTERS, area);
	check_standard();
	check_errors();
	check_more();
	begin(&tested);
	begin(&peer);
}
