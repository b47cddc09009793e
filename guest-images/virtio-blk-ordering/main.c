// What a virtio device owes its driver: when it says that something is done, it is, whatever the bus orders and whatever the memory
// model is; and neither side sleeps through what the other has for it. rounds=N says how many requests; part=NAME that there is one part
// alone; patience=MILLISECONDS how long to wait for what ought to come.
#include "parts.h"

struct found found;
struct virtio_blk disk;
uint64_t patience;

static struct pci_function pci;
static struct virtq_memory memory;

// The site of the table in VirtioSites that each accuses.
static const struct { const char *site, *text; } texts[Findings] = {
	[RingStale] = { "virtio.avail-idx-before-ring", "an entry of the available ring from before the index" },
	[DescriptorStale] = { "virtio.avail-idx-before-ring", "a descriptor from before the index" },
	[HeaderStale] = { "virtio.avail-idx-before-ring", "a header from before the index" },
	[DataStale] = { "virtio.avail-idx-before-ring", "data from before the index" },
	[Malformed] = { "virtio.avail-idx-before-ring", "a chain that nobody made" },
	[ElementMissing] = { "virtio.used-elem-before-idx", "the index before the element" },
	[StatusMissing] = { "virtio.used-elem-before-idx", "the index before the status" },
	[DataMissing] = { "virtio.used-elem-before-idx", "the index before the data" },
	[DataLate] = { "virtio.used-elem-before-idx", "the index, and then the buffer was read" },
	[NoticeLost] = { "virtio.event-idx.avail", "it wanted no notice, and did not look again" },
	[InterruptLost] = { "virtio.event-idx.used", "an interrupt was wanted, and did not come" },
	[MessageEarly] = { "msi.after-data", "the message before what it tells of" },
	[Stuck] = { "", "nothing comes" },
};

void find(enum finding finding, uint32_t request, uint32_t detail)
{
	static volatile uint32_t taken;
	if (exchange(&taken, 1) == 0) {
		if (!has_found()) {
			found.request = request;
			found.detail = detail;
			compiler_barrier(); // both are visible before the finding is
			found.finding = finding;
		}
		taken = 0;
	}
}

void report_sites(const char *how, uint32_t rounds, uint32_t done, const char *const sites[], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		static char name[120];
		size_t length = strlen(sites[i]);
		memcpy(name, sites[i], length);
		memcpy(name + length, how, strlen(how) + 1);
		if (has_found() && (strcmp(texts[found.finding].site, sites[i]) == 0 || found.finding == Stuck)) {
			report_fail(name, "request %u of %u: %s (0x%x)", found.request, rounds, texts[found.finding].text, found.detail);
		} else if (has_found()) {
			report_skip(name, "stopped at request %u", found.request);
		} else {
			report_equal(name, done, rounds);
		}
	}
}

bool prepare(uint64_t features, uint16_t entries)
{
	return virtio_blk_prepare(&disk, pci, false, features, 1, entries, &memory);
}

void fill_words(volatile uint32_t *words, uint32_t number, uint32_t poison)
{
	for (unsigned i = 0; i < Words; i++) {
		words[i] = word_of(number, i) | poison;
	}
}

// Powers of two, so that both what takes tens of instructions and what takes thousands is met.
void linger(uint32_t round)
{
	uint32_t random = round * 2654435761u >> 8;
	uint32_t most = 1u << (random & 15);
	for (volatile uint32_t i = (random >> 4) % most / 4; i != 0; i--) {
	}
}

int main(void)
{
	enum { Stream, Notices, Interrupts, Parts };
	static const char *const names[] = { "stream", "notices", "interrupts" };
	uint32_t rounds = multiboot_option("rounds", 20000);
	int part = multiboot_choice("part", names, Parts);
	patience = divide64(tsc_frequency(), 1000) * multiboot_option("patience", 20000);
	if (!report("there is a disk", virtio_find(VIRTIO_BLK_TYPE, 0, &pci) && prepare(0, 0))
		|| !report("there are two processors", smp_start(NULL) >= 2)) {
		return report_summary();
	}
	for (unsigned by_event = 0; by_event < 2 && !has_found(); by_event++) {
		if (part < 0 || part == Stream) {
			check_stream(rounds, by_event != 0);
		}
		if ((part < 0 && !has_found()) || part == Notices) {
			check_notices(rounds / 4, by_event != 0);
		}
		if ((part < 0 && !has_found()) || part == Interrupts) {
			check_interrupts(rounds / 4, by_event != 0);
		}
	}
	virtio_reset(&disk.virtio);
	return report_summary();
}
