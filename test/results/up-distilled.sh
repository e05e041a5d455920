#!/usr/bin/env bash
# Cuts half of the multiply-adds of the CIFAR-100 ViT-Tiny away, distils the rest and writes docs/results/up-distilled.json:
#
#   test/results/up-distilled.sh CIFAR100FOLDER --weights vit_tiny_patch16_224_cifar100.safetensors --work FOLDER
#                                [--only dense candidates distilled speed further] [--threads 2] [--images 45000] [--hidden-epochs 1] [--hidden-lr 1e-3]
#                                [--epochs 1] [--lr 1e-4]
#                                [--dtype fp32|bf16] [--quick]
#
# 'candidates' tries on validation images which channels should go; with 'distilled' it is what the budget of 90 minutes on two cores is for, and
# the file says what it took. 'further' trains the dense model by the same recipe, images and steps (about an hour more), 'speed' needs
# what test/peers/compare.sh pruned needs and an otherwise idle machine. May be interrupted at any time and run again.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "up-distilled: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/up-distilled.py" "$@"
