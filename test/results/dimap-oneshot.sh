#!/usr/bin/env bash
# Accuracy right after single weights were pruned, without training, by method and share of all parameters removed: DIMAP by module and by model, uniform
# and global magnitude, on two ImageNet ViTs (photographs) and, where it is given, a trained Swin (CIFAR-100). Writes docs/results/dimap-oneshot.json:
#
#   test/results/dimap-oneshot.sh CIFAR100FOLDER --work FOLDER --photos ../shared/data/imagenet-compatible
#                                 --vit vit_tiny_patch16_224.safetensors --deit deit_tiny_patch16_224.safetensors [--swin MODEL]
#                                 [--dtype fp32|bf16] [--threads N] [--parallel N] [--quick]
#
# No image is looked at to prune, so all images count. Exit code 1 where DIMAP is below uniform magnitude on the Swin by more than the counting error, or not
# above it from half on. May be interrupted at any time and run again. --quick takes a few images and points and writes to the work folder only.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "dimap-oneshot: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/dimap-oneshot.py" "$@"
