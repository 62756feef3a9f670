#!/bin/sh
# Greets everyone in input/names.txt and says where it ran. Nothing but what every system has.
set -eu
mkdir -p out
while IFS= read -r name; do
    [ -n "$name" ] || continue
    echo "${GREETING:-Hello}, $name!"
done <input/names.txt >out/greetings.txt
sha256sum input/names.txt >out/input.sha256
{
    echo "system:  $(uname -sm)"
    echo "cpus:    $(nproc)"
    echo "memory:  $(awk '/^MemTotal/ {print int($2 / 1024) " MiB"}' /proc/meminfo)"
} >out/machine.txt
cat out/greetings.txt out/machine.txt
echo "greeted $(wc -l <out/greetings.txt) of $(wc -l <input/names.txt)"
