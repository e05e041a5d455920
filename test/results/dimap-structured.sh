#!/usr/bin/env bash
# Cuts a third and half of the multiply-adds of a trained Swin away by structured DIMAP, which looks at no image, distils the rest and writes
# docs/results/dimap-structured.json:
#
#   test/results/dimap-structured.sh CIFAR100FOLDER --weights swin_patch2_window4_32.safetensors --work FOLDER
#                                    [--only dense candidates distilled further speed] [--threads 2] [--images 45000] [--epochs 5] [--lr RATE]
#                                    [--augment none|cifar|cifar-strong] [--dtype fp32|bf16] [--quick]
#
# 'candidates' cuts channels of every head, or whole heads, with and without recovery; the one that is best on validation images is distilled. 'further'
# trains the dense model by the same recipe, images and steps, 'speed' needs what test/peers/compare.sh pruned needs and an otherwise idle
# machine. May be interrupted at any time and run again.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 > /dev/null || { echo "dimap-structured: python3 is missing; no package beside it is needed." >&2; exit 2; }
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec python3 "$root/test/results/dimap-structured.py" "$@"
