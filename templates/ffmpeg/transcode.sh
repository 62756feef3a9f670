#!/bin/sh
# Transcodes input/* to out/*.mp4, one after the other: ffmpeg itself uses all CPUs.
set -eu
mkdir -p out
found=0
for source in input/*; do
    [ -f "$source" ] || continue
    case $source in *.md | *.txt) continue ;; esac
    found=1
    name=$(basename "$source")
    echo "transcoding $name"
    ffmpeg -hide_banner -loglevel warning -stats -nostdin -y -i "$source" \
        -c:v libx264 -preset "${PRESET:-medium}" -crf "${CRF:-23}" -pix_fmt yuv420p -c:a aac -b:a 160k \
        -movflags +faststart "out/${name%.*}.mp4"
done
if [ "$found" = 0 ]; then
    echo "input/ holds no video: making one of ten seconds"
    ffmpeg -hide_banner -loglevel warning -nostdin -y \
        -f lavfi -i testsrc2=size=1920x1080:rate=30:duration=10 -f lavfi -i sine=frequency=440:duration=10 \
        -c:v libx264 -preset "${PRESET:-medium}" -crf "${CRF:-23}" -pix_fmt yuv420p -c:a aac -shortest out/sample.mp4
fi
ls -l out
