// libebur128: loudness by EBU R 128. Its mode constants are an enumeration that Swift imports one by one; their sums are
// made here.
#pragma once

#include <ebur128.h>

// Integrated loudness, loudness range and true peak, with a histogram in place of all blocks, so that memory does not
// grow with the sound.
static const int ferry_ebur128_modes =
    EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_HISTOGRAM;
