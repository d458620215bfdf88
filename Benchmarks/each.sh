#!/bin/bash
# The same package as tutorials make it, one ffmpeg call for each output: each.sh SOURCE CUES OUT
set -euo pipefail
source "$(dirname "$0")/settings.sh"
mkdir -p "$3/hls"
cd "$3"
gain=$(gain "$1")
exec 2> ffmpeg.log
run -i "$1" -i "$2" -map 0:v -map 0:a -map 1:0 $(h264 $CAPS1080) -af "volume=$gain" $AAC -c:s mov_text \
  -metadata:s:s:0 language=eng -movflags +faststart lesson.mp4
run -i "$1" -map 0:a -af "volume=$gain" $AAC -f hls $(flags) -hls_segment_filename hls/audio.mp4 hls/audio.m3u8
size() { # SOURCE LINES WIDTH CAP BUFFER
  run -i "$1" -map 0:v -vf "scale=$3:$2:flags=bicubic" $(h264 $4 $5) -f hls $(flags) \
    -hls_segment_filename "hls/$2p.mp4" "hls/$2p.m3u8"
}
size "$1" 1080 1920 $CAPS1080
size "$1" 720 1280 $CAPS720
size "$1" 480 854 $CAPS480
run -i "$1" -map 0:v -vf thumbnail=300 -frames:v 1 poster.jpg
run -i "$1" -map 0:v -vf fps=1/5,scale=320:180,tile=5x5 -frames:v 1 sprite.jpg
run -i "$1" -vf blackdetect=d=2,freezedetect=d=60 -af silencedetect=n=-60dB:d=5,ebur128=peak=true -f null -
find . -type f -exec sha512sum {} + > manifest-sha512.txt
find . -type f -exec sha256sum {} + > manifest-sha256.txt
