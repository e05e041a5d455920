#!/usr/bin/env bash
# Removes two pairs of halves of neighbouring blocks from the CIFAR-100 ViT-Tiny, fine-tunes shortly and writes docs/results/up-depth.json:
#
#   test/results/up-depth.sh CIFAR100FOLDER --weights vit_tiny_patch16_224_cifar100.safetensors --work FOLDER
#                            [--only dense removed tuned further hidden] [--threads N] [--parallel N] [--removals 2] [--images 5000] [--epochs 1]
#                            [--lr RATE] [--hidden-lr RATE] [--dtype fp32|bf16] [--quick]
#
# About 35 minutes of two cores. May be interrupted at any time and run again.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "up-depth: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/up-depth.py" "$@"
