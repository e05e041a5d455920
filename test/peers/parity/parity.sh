#!/usr/bin/env bash
# Trains the 32x32 ViT from random weights here and in PyTorch with one recipe, and writes docs/results/train-parity.json:
#
#   test/peers/parity/parity.sh CIFAR100FOLDER --work FOLDER [--dtype fp32|bf16] [--seeds 1 2 3] [--threads N] [--parallel N] [--only ours|peer]
#   test/peers/parity/parity.sh CIFAR100FOLDER --work FOLDER --first-steps
#
# Exit code 1 where the mean accuracies differ by more than the bound. May be interrupted at any time and run again. --only leaves the
# file to a later call. --first-steps compares the losses of the first 20 steps instead (ViT and Swin, a few minutes) and writes no file.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
"$root/test/peers/setup.sh"
PYTHONPATH="$root/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 "$root/test/peers/parity/parity.py" "$@"
