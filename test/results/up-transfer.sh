#!/usr/bin/env bash
# Prunes the ImageNet ViT-Tiny on photographs, fine-tunes it and the dense one on CIFAR-100, and writes docs/results/up-transfer.json:
#
#   test/results/up-transfer.sh CIFAR100FOLDER --weights vit_tiny_patch16_224.safetensors --photos imagenet-compatible --work FOLDER
#                               [--only dense pruned] [--threads N] [--parallel N] [--images 10000] [--epochs 1] [--lr RATE]
#                               [--dtype fp32|bf16] [--quick]
#
# About 20 minutes of two cores. May be interrupted at any time and run again.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "up-transfer: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/up-transfer.py" "$@"
