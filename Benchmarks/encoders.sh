#!/bin/bash
# The encoders alone, on pictures that are decoded and scaled already, written nowhere: encoders.sh RAW-FOLDER
set -euo pipefail
source "$(dirname "$0")/settings.sh"
raw() { # FOLDER WIDTH HEIGHT CAP BUFFER
  run -f rawvideo -pix_fmt yuv420p -s "$2x$3" -r 30 -i "$1/$3.yuv" $(h264 $4 $5) -f null - 2> /dev/null
}
raw "$1" 1920 1080 $CAPS1080 &
raw "$1" 1280 720 $CAPS720 &
raw "$1" 854 480 $CAPS480 &
wait
