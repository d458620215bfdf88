#ifndef FERRY_CHASHING_H
#define FERRY_CHASHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// SHA-512 and SHA-256 of several messages at once (FIPS 180-4): side by side they keep the processor's units busy that
/// one message, whose steps wait for each other, leaves idle.
///
/// Swift cannot compile one function for another processor than the rest, so this is C.
enum { FERRY_SHA512_LANES = 4, FERRY_SHA512_BLOCK = 128, FERRY_SHA256_BLOCK = 64 };

/// The SHA-512 states of all lanes are 32 words, the lanes' first words first, at an address that 32 divides.
/// Whether this processor has what the other functions need.
bool ferry_sha512_has_lanes(void);

/// Sets one lane to the state that a message begins with.
void ferry_sha512_begin(uint64_t *states, int lane);

/// Takes `blocks` whole blocks from each of the messages; call it only where `ferry_sha512_has_lanes`.
void ferry_sha512_blocks(uint64_t *states, const uint8_t *const messages[FERRY_SHA512_LANES], size_t blocks);

/// Sets a SHA-256 state, eight words, to the one that a message begins with.
void ferry_sha256_begin(uint32_t *state);

/// Takes `blocks` whole blocks from each of two messages; both may be the same one with the same state.
void ferry_sha256_blocks(uint32_t *const states[2], const uint8_t *const messages[2], size_t blocks);

#endif
