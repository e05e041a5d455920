#!/usr/bin/env bash
# Teaches the CIFAR-100 ViT-Tiny to skip patches, by scorers, at random, by the class token's attention and by merging tokens, at equal
# executed multiply-adds, and writes docs/results/skip-accuracy.json:
#
#   test/results/skip-accuracy.sh CIFAR100FOLDER --weights vit_tiny_patch16_224_cifar100.safetensors --work FOLDER
#                            [--only dense learned kept top-k published random random-shifted class-attention class-attention-shifted merging speed]
#                            [--targets 0.16 0.20 0.35] [--compared-targets 0.35] [--threads N] [--parallel N] [--images 5000] [--epochs 1] [--lr RATE]
#                            [--scorer-epochs 1] [--scorer-batch 8] [--scorer-lr RATE] [--scorer-input token-and-class] [--first-layer 2] [--dtype fp32|bf16] [--out FILE]
#                            [--quick]
#
# 'learned' sees all tokens and is measured at every target, 'kept' sees computed ones alone; 'published' follows the published labels and idle patches; the others
# are measured at the compared targets. 'speed' times the trained models beside the dense one and wants an otherwise idle machine. At the largest target each
# image alone is held against batches of 32. Rows that the file has of other runs of the same recipe stay; give those of another recipe a file of their own
# (--out docs/results/skip-accuracy-IMAGES.json). May be interrupted at any time and run again.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "skip-accuracy: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/skip-accuracy.py" "$@"
