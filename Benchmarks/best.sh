#!/bin/bash
# The best script that we can write by hand for a whole package: best.sh SOURCE CUES OUT
# One pass over the sound for its gain; then one decode, each size scaled and encoded once, `tee` to the MP4 and HLS,
# and in the same graph, on a small picture, the checks, the poster and the thumbnails; then the digests.
set -euo pipefail
source "$(dirname "$0")/settings.sh"
mkdir -p "$3/hls"
cd "$3"
gain=$(gain "$1")
graph="[0:v]split=4[v0][s1][s2][s3];[s1]scale=1280:720:flags=bicubic[v1];[s2]scale=854:480:flags=bicubic[v2];\
[s3]scale=320:180:flags=area,blackdetect=d=2,freezedetect=d=60,split[c1][c2];[c1]fps=1/5,tile=5x5[sprite];\
[c2]thumbnail=300[poster];[0:a]volume=$gain,silencedetect=n=-60dB:d=5,ebur128=peak=true[a]"
run -i "$1" -i "$2" -filter_complex "$graph" \
  -map '[v0]' -map '[a]' -map 1:0 $(h264 $CAPS1080) $AAC -c:s mov_text -metadata:s:s:0 language=eng -f tee \
  "[f=mp4:movflags=+faststart]lesson.mp4|[select=v:f=hls:$HLS:hls_segment_filename=hls/1080p.mp4]hls/1080p.m3u8|[select=a:f=hls:$HLS:hls_segment_filename=hls/audio.mp4]hls/audio.m3u8" \
  -map '[v1]' $(h264 $CAPS720) -f hls $(flags) -hls_segment_filename hls/720p.mp4 hls/720p.m3u8 \
  -map '[v2]' $(h264 $CAPS480) -f hls $(flags) -hls_segment_filename hls/480p.mp4 hls/480p.m3u8 \
  -map '[sprite]' -frames:v 1 sprite.jpg -map '[poster]' -frames:v 1 poster.jpg 2> checks.log
find . -type f -exec sha512sum {} + > manifest-sha512.txt
find . -type f -exec sha256sum {} + > manifest-sha256.txt
