#!/bin/bash
# The best script by hand for a night of lessons of 720 lines, one after the other: night.sh FOLDER OUT
# FOLDER holds NAME.mp4 and NAME.srt. For each, as in best.sh: a pass over the sound for its gain; then one decode, each
# size scaled and encoded once, `tee` to the MP4 and HLS, checks, poster and thumbnails in the same graph; then digests.
# Encoders take as many threads as they like, which is what finishes a single lesson soonest.
set -euo pipefail
source "$(dirname "$0")/settings.sh"
for source in "$1"/*.mp4; do
  name=$(basename "$source" .mp4)
  mkdir -p "$2/$name/hls"
  cd "$2/$name"
  gain=$(gain "$source")
  graph="[0:v]split=3[v0][s2][s3];[s2]scale=854:480:flags=bicubic[v2];\
[s3]scale=320:180:flags=area,blackdetect=d=2,freezedetect=d=60,split[c1][c2];[c1]fps=1/5,tile=5x5[sprite];\
[c2]thumbnail=300[poster];[0:a]volume=$gain,silencedetect=n=-60dB:d=5,ebur128=peak=true[a]"
  size() { h264 "$@" | sed 's/-threads:v 2/-threads:v 0/; s/-g 60 -keyint_min 60/-g 50 -keyint_min 50/'; }
  run -i "$source" -i "$1/$name.srt" -filter_complex "$graph" \
    -map '[v0]' -map '[a]' -map 1:0 $(size $CAPS720) $AAC -c:s mov_text -metadata:s:s:0 language=eng -f tee \
    "[f=mp4:movflags=+faststart]lesson.mp4|[select=v:f=hls:$HLS:hls_segment_filename=hls/720p.mp4]hls/720p.m3u8|[select=a:f=hls:$HLS:hls_segment_filename=hls/audio.mp4]hls/audio.m3u8" \
    -map '[v2]' $(size $CAPS480) -f hls $(flags) -hls_segment_filename hls/480p.mp4 hls/480p.m3u8 \
    -map '[sprite]' -frames:v 1 sprite.jpg -map '[poster]' -frames:v 1 poster.jpg 2> checks.log
  find . -type f -exec sha512sum {} + > manifest-sha512.txt
  find . -type f -exec sha256sum {} + > manifest-sha256.txt
done
