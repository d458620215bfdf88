#include "chashing.h"

static const uint64_t K[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static const uint32_t K256[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void ferry_sha512_begin(uint64_t *states, int lane) {
  static const uint64_t first[8] = {
      0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
      0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
  };
  for (int i = 0; i < 8; i++) states[i * FERRY_SHA512_LANES + lane] = first[i];
}

void ferry_sha256_begin(uint32_t *state) {
  static const uint32_t first[8] = {
      0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  };
  for (int i = 0; i < 8; i++) state[i] = first[i];
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define WITH_LANES __attribute__((target("avx2,avx512f,avx512vl")))

#define WITH_SHA __attribute__((target("sha,sse4.1")))

bool ferry_sha512_has_lanes(void) {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & bit_SHA)) return false;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
}

// FIPS 180-4, 6.4.2, on vectors that have the same word of every message.
#define ADD _mm256_add_epi64
#define TURN _mm256_ror_epi64
#define SHIFT _mm256_srli_epi64
#define XOR3(a, b, c) _mm256_ternarylogic_epi64(a, b, c, 0x96)

WITH_LANES static inline void rounds(__m256i s[8], __m256i w[16]) {
  __m256i a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
#pragma GCC unroll 16
  for (int i = 0; i < 80; i++) {
    if (i >= 16) {
      __m256i early = w[(i + 1) & 15], late = w[(i + 14) & 15];
      __m256i low = XOR3(TURN(early, 1), TURN(early, 8), SHIFT(early, 7));
      __m256i high = XOR3(TURN(late, 19), TURN(late, 61), SHIFT(late, 6));
      w[i & 15] = ADD(ADD(w[i & 15], low), ADD(w[(i + 9) & 15], high));
    }
    __m256i choice = _mm256_ternarylogic_epi64(e, f, g, 0xca);
    __m256i majority = _mm256_ternarylogic_epi64(a, b, c, 0xe8);
    __m256i turns = XOR3(TURN(e, 14), TURN(e, 18), TURN(e, 41));
    __m256i added = ADD(ADD(h, _mm256_set1_epi64x((long long)K[i])), w[i & 15]);
    __m256i first = ADD(added, ADD(turns, choice));
    __m256i second = ADD(XOR3(TURN(a, 28), TURN(a, 34), TURN(a, 39)), majority);
    h = g, g = f, f = e, e = ADD(d, first), d = c, c = b, b = a, a = ADD(first, second);
  }
  s[0] = ADD(s[0], a), s[1] = ADD(s[1], b), s[2] = ADD(s[2], c), s[3] = ADD(s[3], d);
  s[4] = ADD(s[4], e), s[5] = ADD(s[5], f), s[6] = ADD(s[6], g), s[7] = ADD(s[7], h);
}

/// The four words at `offset` of each of four messages, one vector for each word.
WITH_LANES static inline void load(const uint8_t *const messages[4], size_t offset, __m256i out[4]) {
  const __m256i swap = _mm256_set_epi8(
      8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  __m256i r[4], t[4];
  for (int i = 0; i < 4; i++) {
    r[i] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(messages[i] + offset)), swap);
  }
  for (int i = 0; i < 4; i += 2) {
    t[i] = _mm256_unpacklo_epi64(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_epi64(r[i], r[i + 1]);
  }
  for (int i = 0; i < 2; i++) {
    out[i] = _mm256_permute2x128_si256(t[i], t[i + 2], 0x20);
    out[i + 2] = _mm256_permute2x128_si256(t[i], t[i + 2], 0x31);
  }
}

WITH_LANES void ferry_sha512_blocks(
    uint64_t *states, const uint8_t *const messages[FERRY_SHA512_LANES], size_t blocks) {
  __m256i s[8];
  for (int i = 0; i < 8; i++) s[i] = _mm256_load_si256((const __m256i *)(states + i * FERRY_SHA512_LANES));
  for (size_t block = 0; block < blocks; block++) {
    __m256i w[16];
    for (int i = 0; i < 4; i++) load(messages, block * FERRY_SHA512_BLOCK + 32 * (size_t)i, w + 4 * i);
    rounds(s, w);
  }
  for (int i = 0; i < 8; i++) _mm256_store_si256((__m256i *)(states + i * FERRY_SHA512_LANES), s[i]);
}

// The instructions keep a state as ABEF and CDGH.
WITH_SHA void ferry_sha256_blocks(uint32_t *const states[2], const uint8_t *const messages[2], size_t blocks) {
  const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  __m128i abef[2], cdgh[2];
  for (int m = 0; m < 2; m++) {
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)states[m]), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(states[m] + 4)), 0x1b);
    abef[m] = _mm_alignr_epi8(low, high, 8);
    cdgh[m] = _mm_blend_epi16(high, low, 0xf0);
  }
  for (size_t block = 0; block < blocks; block++) {
    __m128i w[2][4], first[2] = {abef[0], abef[1]}, second[2] = {cdgh[0], cdgh[1]};
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      const __m128i k = _mm_loadu_si128((const __m128i *)(K256 + 4 * i));
#pragma GCC unroll 2
      for (int m = 0; m < 2; m++) {
        if (i < 4) {
          const uint8_t *from = messages[m] + block * FERRY_SHA256_BLOCK + 16 * (size_t)i;
          w[m][i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)from), swap);
        } else {
          __m128i late = w[m][(i + 3) & 3];
          __m128i early = _mm_sha256msg1_epu32(w[m][i & 3], w[m][(i + 1) & 3]);
          early = _mm_add_epi32(early, _mm_alignr_epi8(late, w[m][(i + 2) & 3], 4));
          w[m][i & 3] = _mm_sha256msg2_epu32(early, late);
        }
        __m128i words = _mm_add_epi32(w[m][i & 3], k);
        cdgh[m] = _mm_sha256rnds2_epu32(cdgh[m], abef[m], words);
        abef[m] = _mm_sha256rnds2_epu32(abef[m], cdgh[m], _mm_shuffle_epi32(words, 0x0e));
      }
    }
    for (int m = 0; m < 2; m++) {
      abef[m] = _mm_add_epi32(abef[m], first[m]);
      cdgh[m] = _mm_add_epi32(cdgh[m], second[m]);
    }
  }
  for (int m = 0; m < 2; m++) {
    __m128i low = _mm_shuffle_epi32(abef[m], 0x1b), high = _mm_shuffle_epi32(cdgh[m], 0xb1);
    _mm_storeu_si128((__m128i *)states[m], _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(states[m] + 4), _mm_alignr_epi8(high, low, 8));
  }
}

#else

// Without lanes nobody calls the others.
bool ferry_sha512_has_lanes(void) { return false; }

void ferry_sha512_blocks(uint64_t *states, const uint8_t *const messages[FERRY_SHA512_LANES], size_t blocks) {
  (void)K, (void)states, (void)messages, (void)blocks;
}

void ferry_sha256_blocks(uint32_t *const states[2], const uint8_t *const messages[2], size_t blocks) {
  (void)K256, (void)states, (void)messages, (void)blocks;
}

#endif
