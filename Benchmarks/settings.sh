# What every script gives the encoder of a size: constant quality under a cap, key frames every two seconds.
h264() { # CAP BUFFER
  echo -c:v libx264 -preset medium -profile:v high -crf 22 -aq-mode 2 -maxrate "$1" -bufsize "$2" -g 60 -keyint_min 60 \
    -sc_threshold 0 -threads:v 2 -flags:v +cgop+global_header -pix_fmt yuv420p
}
CAPS1080="6000k 12000k" CAPS720="3500k 7000k" CAPS480="1600k 3200k"
AAC="-c:a aac -b:a 128k -ar 48000 -ac 2 -flags:a +global_header"
HLS="hls_time=4:hls_segment_type=fmp4:hls_flags=single_file:hls_playlist_type=vod:hls_list_size=0"
run() { ffmpeg -nostdin -hide_banner -nostats -y "$@"; }
flags() { tr ':=' '\n ' <<< "$HLS" | sed 's/^/-/' | xargs; } # the same options for one output alone

# The linear gain to -16 LUFS under -1.5 dBTP, from a pass over the sound alone.
gain() { # SOURCE
  run -i "$1" -map 0:a:0 -af ebur128=peak=true -f null - 2>&1 |
    awk '/^ +I:/ { loud = $2 } /^ +Peak:/ { peak = $2 } END { up = -16 - loud; top = -1.5 - peak; print (up < top ? up : top) "dB" }'
}
