#include "tftp.h"

enum { TftpPort = 69, OurPort = 2069, Read = 1, Data = 3, Acknowledge = 4, Error = 5, Block = 512, Attempts = 20 };

struct __attribute__((packed)) tftp { uint16_t operation, number; uint8_t data[Block]; };

static unsigned put(uint8_t *to, const char *text)
{
	unsigned length = (unsigned)strlen(text) + 1;
	memcpy(to, text, length);
	return length;
}

int tftp_get(struct udp_host *host, ipv4 server, const char *name, uint8_t *data, unsigned room, const char **why)
{
	static struct udp_datagram datagram;
	const struct tftp *answer = (const struct tftp *)datagram.data;
	uint8_t last[128] = { 0, Read };
	*why = "the name is too long";
	if (strlen(name) > sizeof last - 16) {
		return -1;
	}
	unsigned last_length = 2 + put(last + 2, name);
	last_length += put(last + last_length, "octet");

	uint16_t port = TftpPort, wanted = 1;
	unsigned length = 0;
	for (unsigned attempt = 0; attempt < Attempts; attempt++) {
		if (!udp_send(host, server, OurPort, port, last, last_length)) {
			*why = "the server has no station";
			return -1;
		}
		while (udp_receive(host, OurPort, 200000, &datagram)) {
			if (datagram.source != server || datagram.length < 4) {
				continue;
			}
			if (answer->operation == swap16(Error)) {
				*why = "the server says no";
				return -1;
			}
			if (answer->operation != swap16(Data) || answer->number != swap16(wanted)) {
				continue; // an old one, once more: its acknowledgement is under way
			}
			unsigned part = datagram.length - 4;
			if (part > Block || length + part > room) {
				*why = "it is longer than there is room";
				return -1;
			}
			memcpy(data + length, answer->data, part);
			length += part;
			port = datagram.source_port;
			const uint8_t acknowledgement[] = { 0, Acknowledge, (uint8_t)(wanted >> 8), (uint8_t)wanted };
			memcpy(last, acknowledgement, last_length = sizeof acknowledgement);
			wanted++;
			attempt = 0;
			if (!udp_send(host, server, OurPort, port, last, last_length)) {
				return -1;
			}
			if (part < Block) {
				return (int)length;
			}
		}
	}
	*why = "the server is silent";
	return -1;
}
