// Polled: bursts of frames, each looked at the moment that its DD is seen. In short ones this processor waits for the controllers,
// and sees each of their stores as soon as it is visible; in long ones they are busy, and meet the ends of their rings.
#include "parts.h"

static const unsigned bursts[] = { 1, 1, 2, 1, 3, 1, 1, Window };

// The receiver's side first, so that DD is met as it comes; or the sender's.
static bool poll(struct path *path, bool sender_first)
{
	if (sender_first) {
		(void)soon((reclaim(path), path->reclaimed == path->sent || has_come(path)));
	}
	while (path->received != path->sent) {
		for (unsigned tries = 0; tries < 10000 && !has_come(path); tries++) {
			pause();
		}
		if (!has_come(path) && (is_lost(path) || !soon(has_come(path) || is_lost(path)))) {
			return false;
		}
		if (!look(path)) {
			return false;
		}
		reclaim(path);
	}
	return soon((reclaim(path), path->reclaimed == path->sent));
}

void check_load(struct path *path, uint32_t rounds)
{
	bool right = true;
	path_begin(path);
	for (unsigned turn = 0; right && path->received != rounds; turn++) {
		for (unsigned i = bursts[turn % (sizeof bursts / sizeof *bursts)]; i > 0 && path->sent != rounds; i--) {
			put_next(path);
			e1000_send(&path->sender);
		}
		right = poll(path, turn % 2 != 0);
	}
	report_sites(path, "polled", rounds, right);
}
