// What Swift cannot import from FFmpeg's headers, and what differs between its versions 5.1 and 9.
//
// Swift imports no macro that is an expression of macros with arguments (AVERROR, AV_NOPTS_VALUE, AV_TIME_BASE_Q),
// and no variadic function. Everything else is called directly from Swift.
#pragma once

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/murmur3.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// AVERROR(e) negates errno values; AVERROR_EOF and AVERROR_INVALIDDATA are four-letter tags built by macros.
static const int ferry_EAGAIN = AVERROR(EAGAIN);
static const int ferry_ENOSPC = AVERROR(ENOSPC);
static const int ferry_ENOMEM = AVERROR(ENOMEM);
static const int ferry_EOF = AVERROR_EOF;
static const int ferry_INVALIDDATA = AVERROR_INVALIDDATA;
static const int ferry_DECODER_NOT_FOUND = AVERROR_DECODER_NOT_FOUND;
static const int ferry_ENCODER_NOT_FOUND = AVERROR_ENCODER_NOT_FOUND;
static const int ferry_EXIT = AVERROR_EXIT;

// MKTAG is a macro of macros too.
static const uint32_t ferry_hvc1 = MKTAG('h', 'v', 'c', '1');
static const uint32_t ferry_stpp = MKTAG('s', 't', 'p', 'p');

static const int64_t ferry_NOPTS = AV_NOPTS_VALUE;

// A stream's display matrix moved from AVStream to AVCodecParameters in 6.1; the old place is gone in 8.
static inline const int32_t *ferry_display_matrix(const AVStream *stream) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  const AVPacketSideData *side = av_packet_side_data_get(
      stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return side && side->size >= 9 * sizeof(int32_t) ? (const int32_t *)side->data : NULL;
#else
  size_t size = 0;
  const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}

// AVFrame.pkt_duration became AVFrame.duration in 6.0.
static inline int64_t ferry_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR >= 58
  return frame->duration;
#else
  return frame->pkt_duration;
#endif
}

// AVFrame.key_frame and .interlaced_frame became flags in 6.1 and left in 8.
static inline int ferry_frame_is_interlaced(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR >= 59
  return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame->interlaced_frame;
#endif
}

static inline int ferry_frame_is_key(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR >= 59
  return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame->key_frame;
#endif
}

// Since 7.0 a filter graph must be told the colours of its pictures before it gets one.
static inline void ferry_set_colours(AVBufferSrcParameters *parameters, const AVFrame *frame) {
#if LIBAVFILTER_VERSION_MAJOR >= 10
  parameters->color_space = frame->colorspace;
  parameters->color_range = frame->color_range;
#endif
}

// From 8 on a scaler is a type that Swift sees, and its flags are an enumeration: before, an opaque one and macros.
typedef struct SwsContext *ferry_scaler;
static const int64_t ferry_SWS_BICUBIC = SWS_BICUBIC;
static const int64_t ferry_SWS_ACCURATE_RND = SWS_ACCURATE_RND;
static const int64_t ferry_SWS_BITEXACT = SWS_BITEXACT;
static const int64_t ferry_SWS_FULL_CHR_H_INT = SWS_FULL_CHR_H_INT;
static const int64_t ferry_SWS_FULL_CHR_H_INP = SWS_FULL_CHR_H_INP;

// AVCodecParameters.profile values have names only through a codec's table.
static inline const char *ferry_profile_name(const AVCodecParameters *parameters) {
  return avcodec_profile_name(parameters->codec_id, parameters->profile);
}

// FFmpeg's floating-point code rounds otherwise with each kind of vector unit. From here on this process uses what every
// x86-64 processor since 2008 has, so that all of them decode and resample sound to the same samples. (The flags of other
// architectures are other bits of the same number; there the code is one anyway.)
static inline void ferry_use_common_processor(void) {
#if defined(__x86_64__)
  av_force_cpu_flags(av_get_cpu_flags() & (AV_CPU_FLAG_MMX | AV_CPU_FLAG_MMXEXT | AV_CPU_FLAG_SSE | AV_CPU_FLAG_SSE2
                                           | AV_CPU_FLAG_SSE3 | AV_CPU_FLAG_SSSE3 | AV_CPU_FLAG_SSE4
                                           | AV_CPU_FLAG_SSE42));
#endif
}
