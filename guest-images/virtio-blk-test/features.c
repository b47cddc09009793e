// Features, and the status on the way from a reset to DRIVER_OK (3.1.1).
#include "parts.h"

static const struct virtio_window *common(void) { return &dut.virtio.windows[VIRTIO_COMMON]; }

static void to_driver(void)
{
	virtio_reset(&dut.virtio);
	virtio_add_status(&dut.virtio, VIRTIO_ACKNOWLEDGE);
	virtio_add_status(&dut.virtio, VIRTIO_DRIVER);
}

static bool accepts(uint64_t features)
{
	to_driver();
	virtio_write_features(&dut.virtio, features);
	virtio_add_status(&dut.virtio, VIRTIO_FEATURES_OK);
	return (virtio_status(&dut.virtio) & VIRTIO_FEATURES_OK) != 0;
}

static void check_status(void)
{
	bool ok = virtio_reset(&dut.virtio) && virtio_status(&dut.virtio) == 0;
	static const uint8_t steps[] = { VIRTIO_ACKNOWLEDGE, VIRTIO_DRIVER };
	uint8_t expected = 0;
	for (unsigned i = 0; i < sizeof steps; i++) {
		virtio_add_status(&dut.virtio, steps[i]);
		expected |= steps[i];
		ok = ok && virtio_status(&dut.virtio) == expected;
	}
	report("status: 0 after a reset, then each bit as it is set", ok);
	virtio_add_status(&dut.virtio, VIRTIO_FAILED);
	report("status: FAILED, and after a reset it works", (virtio_status(&dut.virtio) & VIRTIO_FAILED) != 0 && begin() && works(1));
}

static void check_modern(void)
{
	uint64_t offered = virtio_offered(&dut.virtio);
	report("features: VERSION_1 is offered", (offered & VIRTIO_F_VERSION_1) != 0);
	report("features: none that only a legacy device has", (offered & (VIRTIO_F_ANY_LAYOUT | VIRTIO_F_NOTIFY_ON_EMPTY)) == 0);
	bool none = true;
	static const uint32_t beyond[] = { 2, 3, 31, 0x80000000, UINT32_MAX };
	for (unsigned i = 0; i < sizeof beyond / sizeof *beyond; i++) {
		virtio_write32(common(), VIRTIO_DEVICE_FEATURE_SELECT, beyond[i]);
		none = none && virtio_read32(common(), VIRTIO_DEVICE_FEATURE) == 0;
		virtio_write32(common(), VIRTIO_DRIVER_FEATURE_SELECT, beyond[i]);
		virtio_write32(common(), VIRTIO_DRIVER_FEATURE, 0);
	}
	report("features: none beyond bit 63", none);
	report("features: all that are offered are accepted", accepts(offered));
	report("features: VERSION_1 alone is accepted", accepts(VIRTIO_F_VERSION_1));
	if (on_qemu) {
		report_skip("features: FEATURES_OK is refused for one that is not offered", "QEMU takes those that it offers out of them");
		report_skip("features: refused, it still takes others", "the same");
		return;
	}
	bool refused = true, forgiving = true;
	for (unsigned bit = 0; bit < 64; bit++) {
		if ((offered & VIRTIO_F(bit)) == 0) {
			refused = refused && !accepts(VIRTIO_F_VERSION_1 | VIRTIO_F(bit));
			virtio_write_features(&dut.virtio, VIRTIO_F_VERSION_1); // without a reset (3.1.1, step 6, says no more than "unusable")
			forgiving = forgiving && accepts(VIRTIO_F_VERSION_1);
		}
	}
	report("features: FEATURES_OK is refused for one that is not offered", refused);
	report("features: refused, it still takes others", forgiving);
}

// Whatever was negotiated, it works, with what was not negotiated left out.
static void check_combinations(void)
{
	static const uint64_t choices[] = { VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX, VIRTIO_BLK_F_MQ, VIRTIO_BLK_F_SEG_MAX,
											  VIRTIO_BLK_F_FLUSH, VIRTIO_F_ANY_LAYOUT };
	bool ok = true;
	for (unsigned set = 0; set < 64 && ok; set += 64 / some(64)) {
		uint64_t wanted = 0;
		for (unsigned i = 0; i < 6; i++) {
			wanted |= (set >> i & 1) != 0 ? choices[i] : 0;
		}
		ok = begin_with(wanted, 1, 0) && works(set);
	}
	report("features: it works with each combination of them", ok);
}

void check_features(void)
{
	check_status();
	if (!legacy) {
		check_modern();
	}
	check_combinations();
}
