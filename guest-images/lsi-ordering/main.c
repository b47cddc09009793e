// What an LSI53C895A owes its driver, under load: rounds=N requests; part=queue, starts or interrupts for that alone. Needs a disk at the
// ID 0, of which it writes the first blocks.
#include "load.h"

struct load load;
struct lsi_queue queue;
uint64_t patience;

void load_begin(uint32_t rounds)
{
	memset(&load, 0, sizeof load);
	load.rounds = rounds;
}

void load_stop(enum verdict verdict, uint32_t request, uint32_t detail)
{
	static volatile uint32_t taken;
	if (exchange(&taken, 1) == 0) {
		if (!load_stopped()) {
			load.at = request;
			load.detail = detail;
			compiler_barrier(); // both are visible before the verdict is
			load.verdict = verdict;
		}
		taken = 0;
	}
}

void load_report(const char *name, uint32_t done, uint64_t since)
{
	static const char *const found[Verdicts] = {
		[NoStatus] = "the done queue has it, and the status is not there (lsi.data-status-interrupt)",
		[NoData] = "the done queue has it, and the data are not there (lsi.data-status-interrupt)",
		[TooNew] = "its buffer was given back and then read (lsi.data-status-interrupt)",
		[TooOld] = "it was done as the one before (lsi.queue-before-block)",
		[Garbled] = "its data are none that ever were",
		[Misplaced] = "its data lie where the one before was told (lsi.queue-before-block)",
		[WrongEntry] = "the done queue has what was not under way (lsi.data-status-interrupt, lsi.queue-before-block)",
		[NoEntry] = "it interrupts, and the done queue is empty (lsi.data-status-interrupt)",
		[Stopped] = "the program was led astray (lsi.queue-before-block)",
		[Unseen] = "SIGP was taken, and what was queued before it was not seen (lsi.sigp-before-queue)",
		[OldScript] = "it ran what was there before (lsi.start-before-script)",
		[Stuck] = "nothing comes",
	};
	printf("NOTE %s: %u, %u ms\n", name, done, (uint32_t)divide64(tsc_to_us(rdtsc() - since), 1000));
	if (load_stopped()) {
		report_fail(name, "request %u, 0x%x: %s", load.at, load.detail, found[load.verdict]);
	} else {
		report_equal(name, done, load.rounds);
	}
}

// Waits for it by itself. A chip that is broken on purpose may have missed SIGP: it is not for here to find that.
static bool execute(struct lsi_request *request)
{
	bool done = false;
	if (lsi_submit(&queue, request, LSI_UNTAGGED)) {
		for (unsigned tries = 0; tries < 4 && !(done = in_time(lsi_finished(&queue) != NULL)); tries++) {
			lsi_signal(&queue);
		}
	}
	return done && request->outcome == LSI_DONE && in_time(READ_ONCE(request->status) != 0xFF);
}

// The disk has nothing more to say of a reset.
static bool make_ready(void)
{
	static struct lsi_request request;
	static uint8_t sense[18];
	struct scsi_command commands[] = { scsi_on_data(SCSI_REQUEST_SENSE, 0, 0, sizeof sense), scsi_on_data(SCSI_TEST_UNIT_READY, 0, 0, 0) };
	for (unsigned i = 0; i < 8; i++) {
		lsi_command(&request, 0, 0, commands[i % 2].bytes, commands[i % 2].length);
		if (i % 2 == 0) {
			lsi_data(&request, false, sense, sizeof sense);
		}
		if (!execute(&request)) {
			return false;
		}
		if (i % 2 != 0 && request.status == SCSI_GOOD) {
			return true;
		}
	}
	return false;
}

int main(void)
{
	static const struct { const char *name; void (*check)(uint32_t rounds); uint32_t share; } parts[] = {
		{ "queue", check_queue, 1 }, { "starts", check_starts, 4 }, { "interrupts", check_interrupts, 8 },
	};
	enum { Parts = sizeof parts / sizeof *parts };
	const char *names[Parts];
	for (unsigned i = 0; i < Parts; i++) {
		names[i] = parts[i].name;
	}
	uint32_t rounds = multiboot_option("rounds", 10000);
	int part = multiboot_choice("part", names, Parts);
	patience = divide64(tsc_frequency(), 1000) * multiboot_option("patience", 20000);
	if (!report("there is a controller with a disk", lsi_queue_open(0, &queue) && make_ready()) || !report("there are two processors", smp_start(NULL) >= 2)) {
		return report_summary();
	}
	for (int i = 0; i < (int)Parts && !load_stopped(); i++) { // a chip that was led astray does nothing more
		if (part < 0 || part == i) {
			lsi_queue_reset(&queue);
			if (!report("the disk is ready", make_ready())) {
				break;
			}
			parts[i].check(rounds / parts[i].share);
		}
	}
	return report_summary();
}
