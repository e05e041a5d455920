#!/usr/bin/env bash
# Trains swin_patch2_window4_32 on CIFAR-100 from random weights, by soft distillation from the ViT-Tiny of CIFAR-100, and writes
# examples/models/swin_patch2_window4_32_cifar100.safetensors (bfloat16) and docs/results/swin-trained.json:
#
#   test/results/swin-trained.sh CIFAR100FOLDER --teacher vit_tiny_patch16_224_cifar100.safetensors --work FOLDER
#                                [--epochs 30] [--threads 2] [--model FILE] [--dtype bf16|fp32] [--quick]
#
# About 100 minutes on two cores with bfloat16 units. May be interrupted at any time and run again: it goes on from its newest checkpoint.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "swin-trained: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/swin-trained.py" "$@"
