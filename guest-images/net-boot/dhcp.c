#include "dhcp.h"

enum { ServerPort = 67, ClientPort = 68, Request = 1, Reply = 2, Transaction = 0x4D41534D, Broadcast = 0x8000 };
enum option { Pad = 0, Mask = 1, Router = 3, Dns = 6, RequestedAddress = 50, MessageType = 53, Server = 54, Parameters = 55, End = 255 };
enum message { Discover = 1, Offer, Ask, Decline, Acknowledge };

#define MAGIC 0x63538263u // 99, 130, 83, 99

struct __attribute__((packed)) message_format {
	uint8_t operation, hardware, hardware_size, hops;
	uint32_t transaction;
	uint16_t seconds, flags;
	ipv4 client, yours, next_server, relay;
	uint8_t station[16], name[64], file[128];
	uint32_t magic;
	uint8_t options[60]; // 300 bytes in all, the least of BOOTP
};

static const uint8_t *find_option(const struct udp_datagram *datagram, uint8_t wanted, unsigned size)
{
	const uint8_t *option = datagram->data + offsetof(struct message_format, options), *end = datagram->data + datagram->length;
	while (option + 1 < end && *option != End) {
		if (*option == Pad) {
			option++;
		} else if (option + 2 + option[1] > end) {
			return NULL;
		} else if (*option == wanted) {
			return option[1] >= size ? option + 2 : NULL;
		} else {
			option += 2 + option[1];
		}
	}
	return NULL;
}

static ipv4 address_option(const struct udp_datagram *datagram, uint8_t wanted)
{
	ipv4 address = IPV4_ANY;
	const uint8_t *value = find_option(datagram, wanted, sizeof address);
	if (value != NULL) {
		memcpy(&address, value, sizeof address);
	}
	return address;
}

static bool is_answer(const struct udp_host *host, const struct udp_datagram *datagram, enum message type)
{
	const struct message_format *message = (const struct message_format *)datagram->data;
	const uint8_t *said = find_option(datagram, MessageType, 1);
	return datagram->length >= offsetof(struct message_format, options) && message->operation == Reply && message->transaction == Transaction &&
	       message->magic == MAGIC && memcmp(message->station, host->nic->address, NIC_ADDRESS) == 0 && said != NULL && *said == type;
}

// Sends one message and waits for its answer; again and again, since the wire may lose either.
static bool converse(struct udp_host *host, enum message type, const struct lease *lease, enum message answer, struct udp_datagram *datagram)
{
	struct message_format message = {
		.operation = Request, .hardware = 1, .hardware_size = NIC_ADDRESS, .transaction = Transaction, .flags = swap16(Broadcast), .magic = MAGIC,
	};
	memcpy(message.station, host->nic->address, NIC_ADDRESS);
	uint8_t *option = message.options;
	const uint8_t kind[] = { MessageType, 1, (uint8_t)type }, parameters[] = { Parameters, 3, Mask, Router, Dns };
	memcpy(option, kind, sizeof kind);
	option += sizeof kind;
	memcpy(option, parameters, sizeof parameters);
	option += sizeof parameters;
	if (type == Ask) {
		const uint8_t which[] = { RequestedAddress, sizeof(ipv4) }, whose[] = { Server, sizeof(ipv4) };
		memcpy(option, which, sizeof which);
		memcpy(option + 2, &lease->address, sizeof(ipv4));
		memcpy(option + 6, whose, sizeof whose);
		memcpy(option + 8, &lease->server, sizeof(ipv4));
		option += 12;
	}
	*option = End;

	for (unsigned attempt = 0; attempt < 10; attempt++) {
		if (!udp_send(host, IPV4_BROADCAST, ClientPort, ServerPort, &message, sizeof message)) {
			return false;
		}
		while (udp_receive(host, ClientPort, 500000, datagram)) {
			if (is_answer(host, datagram, answer)) {
				return true;
			}
		}
	}
	return false;
}

bool dhcp_lease(struct udp_host *host, struct lease *lease)
{
	static struct udp_datagram datagram;
	const struct message_format *message = (const struct message_format *)datagram.data;
	*lease = (struct lease){ 0 };
	if (!converse(host, Discover, lease, Offer, &datagram)) {
		return false;
	}
	lease->address = message->yours;
	lease->server = address_option(&datagram, Server);
	if (!converse(host, Ask, lease, Acknowledge, &datagram) || message->yours != lease->address) {
		return false;
	}
	lease->mask = address_option(&datagram, Mask);
	lease->router = address_option(&datagram, Router);
	lease->dns = address_option(&datagram, Dns);
	lease->next_server = message->next_server != IPV4_ANY ? message->next_server : lease->server;
	host->address = lease->address;
	return true;
}
