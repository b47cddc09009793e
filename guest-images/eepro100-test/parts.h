// What the parts of this guest share: two controllers on one wire, each with a list of blocks and a ring of frames.
//
// `tested` is the one that is looked at, `peer` the other; both are the same model. Section numbers are those of the 8255x Open Source
// Software Developer Manual.
#pragma once

#include "../drivers/eepro100.h"

enum { Blocks = 32, Frames = 32, LongestFrame = 2000 };

struct block {
	struct eepro100_block head;
	union {
		uint8_t bytes[64 + LongestFrame];
		struct {
			uint32_t buffers;
			uint16_t count;
			uint8_t threshold, buffer_count;
			uint8_t frame[LongestFrame];
		} transmit;
		struct { uint16_t count; uint8_t addresses[64 * NIC_ADDRESS]; } multicast;
		uint32_t dump_address;
	};
} __attribute__((aligned(16)));

struct frame_area { struct eepro100_receive head; uint8_t data[LongestFrame + 16]; } __attribute__((aligned(16)));

struct station {
	struct eepro100 chip;
	uint8_t address[NIC_ADDRESS];
	uint8_t configuration[E100_CONFIGURATION];
	struct block *blocks;
	struct frame_area *frames;
	unsigned frame_count, next; // of the ring that receives, and where it waits
};

extern struct station tested, peer;

/// An 82558 or later: extended blocks and counters, masks for each cause.
extern bool is_82558, is_82559;

/// True under QEMU, whose model does not do this; it is skipped then, with what the model does instead and the section it departs from.
bool qemu_departs(const char *name, const char *how);

/// Resets it, with the driver's configuration and its own address; its units are idle. False if it does not answer.
bool begin(struct station *station);

/// The same of the one that is tested, with nothing on its way to it any more from the other.
bool begin_alone(void);
bool set_configuration(struct station *station);

/// Carries out one command, and says if it ended with C and OK and nothing else.
bool perform(struct station *station, uint16_t command, const void *parameters, unsigned size);

/// Makes block `index`, which leads to the one behind it.
struct block *make_block(struct station *station, unsigned index, uint16_t command);
bool start_list(struct station *station, unsigned index);

/// Waits until the command unit is in this state.
bool comes_to(struct station *station, enum eepro100_command_unit state);
bool receiver_comes_to(struct station *station, enum eepro100_receive_unit state);

/// Waits a while for something that must not happen.
void settle(void);

/// Acknowledges all causes and returns those there were.
uint8_t take_causes(struct station *station);

/// Makes a ring of `count` frames of `size` bytes, the last with EL, and starts to receive.
bool start_receiving(struct station *station, unsigned count, unsigned size);
void make_frame(struct station *station, unsigned index, uint16_t command, unsigned size);

/// Waits for the next frame of the ring; null after a deadline. Its descriptor stays as it is until `give_back`.
struct frame_area *receive(struct station *station);

/// Receives until the frame with that seed has come. Those that were under way come first, and may be more than the ring holds: then it is
/// started again.
bool receives_at_last(uint32_t seed);
void give_back(struct station *station);

/// A frame of `length` bytes from that station, whose data are a pattern of `seed`; and whether `data` is that.
void make_packet(void *packet, const uint8_t *destination, const struct station *from, unsigned length, uint32_t seed);
bool is_packet(const void *data, unsigned length, uint32_t seed);
uint32_t seed_of(const void *data);

/// Sends one by a single block in simplified mode.
bool send_packet(struct station *station, const uint8_t *destination, unsigned length, uint32_t seed);

/// The next frame is this one, received well and whole.
bool receives_packet(struct station *station, unsigned length, uint32_t seed);

uint32_t crc_of(const uint8_t *bytes, unsigned count);

void check_registers(void);
void check_resets(void);
void check_commands(void);
void check_transmit(void);
void check_receive(void);
void check_buffers(void);
void check_filters(void);
void check_counters(void);
void check_interrupts(void);
void check_link(void);
void check_load(void);
