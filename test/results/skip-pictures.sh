#!/usr/bin/env bash
# Makes the pictures in docs/pictures: photographs with the patches dark that layers skip. Scorers learn on the photographs at even positions, those
# shown stand at odd ones; the backbone stays as it is. About four minutes.
#
#   test/results/skip-pictures.sh WEIGHTS PHOTOS WORK    vit_tiny_patch16_224.safetensors, a folder with val/ and ATTRIBUTION.csv, a folder for the model
set -euo pipefail
[ $# = 3 ] || { echo "usage: test/results/skip-pictures.sh WEIGHTS PHOTOS WORK" >&2; exit 2; }
weights=$(realpath "$1") photos=$(realpath "$2")
mkdir -p "$3"
work=$(realpath "$3")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
declare -A shown=([oystercatcher]=val/n02037110/446b24f903b488fc [goose]=val/n01855672/7fd7ce3eb2bf9944 [fly]=val/n02190166/49591319edeb6b3a)

./vitprune skip train "$weights" --data "imagenet:$photos" --split val-even --stages scorers --scorer-input token-and-class --attention context --first-layer 3 \
    --target-macs-saved 0.3 --scorer-epochs 3 --seed 0 --threads 1 --out "$work/pictures.safetensors" --resume
./vitprune evaluate "$weights" --data "imagenet:$photos" --split val-odd
./vitprune skip evaluate "$work/pictures.safetensors" --data "imagenet:$photos" --split val-odd
files=("${shown[@]/#/$photos/}")
./vitprune explain "$work/pictures.safetensors" "${files[@]/%/.JPEG}" --columns 5 --out "$work/pictures"
mkdir -p docs/pictures
for name in "${!shown[@]}"; do
    stem="$work/pictures/$(basename "${shown[$name]}")"
    cp "$stem.layers.png" "docs/pictures/$name.layers.png"
    cp "$stem.similarity.png" "docs/pictures/$name.similarity.png"
done
