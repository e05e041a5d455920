#!/usr/bin/env bash
# Cuts channels of the CIFAR-100 ViT-Tiny, chosen in five ways, without any training, and writes docs/results/up-oneshot.json:
#
#   test/results/up-oneshot.sh CIFAR100FOLDER --weights vit_tiny_patch16_224_cifar100.safetensors --work FOLDER
#                              [--only dense unified magnitude choice fisher taylor random] [--seeds 1 2 3] [--threads N] [--parallel N]
#                              [--recovery least-squares|mean-shift] [--recovery-images N] [--dtype bf16|fp32] [--quick]
#
# 'choice' compares kinds of recovery on validation images. Everything takes about two and a half hours of two cores; the file has what is
# there and says how many rows are missing. Exit code 1 where unified with recovery is not the best row.
# May be interrupted at any time and run again. Two runs of one thread at a time (--parallel 2) use two cores better than one of two threads.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "up-oneshot: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/up-oneshot.py" "$@"
