#!/usr/bin/env bash
# Prunes the CIFAR-100 ViT-Tiny, distils the student and trains the same student with cross-entropy alone, and writes docs/results/distill.json:
#
#   test/results/distill.sh CIFAR100FOLDER --weights vit_tiny_patch16_224_cifar100.safetensors --work FOLDER
#                           [--dtype fp32|bf16] [--seeds 1 2 3] [--threads N] [--parallel N] [--images 5000] [--epochs 2] [--lr RATE]
#
# Exit code 1 where distillation does not end above cross-entropy by more than the standard error. May be interrupted at any time and run again.
# Two runs of one thread at a time (--parallel 2) use two cores better than one run of two threads.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "distill: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/distill.py" "$@"
