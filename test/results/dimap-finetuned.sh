#!/usr/bin/env bash
# Masks weights of a trained Swin by DIMAP at three ratios, fine-tunes each for 5 epochs and writes docs/results/dimap-finetuned.json:
#
#   test/results/dimap-finetuned.sh CIFAR100FOLDER --weights swin_patch2_window4_32.safetensors --work FOLDER
#                                   [--only dense masked finetuned further resumed] [--threads 2] [--images 45000] [--epochs 5] [--lr 2e-5]
#                                   [--augment none|cifar|cifar-strong] [--dtype fp32|bf16] [--quick]
#
# 'further' trains the unpruned model by the same recipe, images and steps; 'resumed' trains a little, once without a break and once killed and resumed.
# Exit code 1 where a mask is not bit for bit what it was, or a masked weight is not zero. May be interrupted at any time and run again.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "dimap-finetuned: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/dimap-finetuned.py" "$@"
