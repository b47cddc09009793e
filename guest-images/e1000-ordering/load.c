// Under load, polling: many frames under way, each looked at the moment that its DD is seen.
#include "parts.h"

static void send_some(struct path *path, uint32_t rounds)
{
	uint32_t before = path->sent;
	while (path->sent != rounds && path->sent - path->received < Window && path->sent - path->reclaimed < Ring - 1 && path->sent - before < Offer) {
		put_next(path);
		e1000_send(&path->sender);
	}
}

void check_load(struct path *path, uint32_t rounds)
{
	bool right = true;
	path_begin(path);
	while (right && path->received != rounds) {
		send_some(path, rounds);
		if (!within_deadline((reclaim(path), has_come(path)))) {
			break;
		}
		while (right && has_come(path)) {
			right = look(path);
			reclaim(path);
		}
	}
	report_sites(path, "under load", rounds, path->received == rounds);
}
