#!/usr/bin/env bash
# Sets up whatever is missing, then loads, scores, prunes, fine-tunes and saves a Vision Transformer and shows before and after.
#
#   ./quickstart.sh [FOLDER] [--short]
#
# FOLDER holds weights/ and imagenet-compatible/; without it ../shared/data is taken where it stands, and without any data
# a small model is trained on generated images. --short is the same on few images.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
brief=() data=""
for argument; do
    case "$argument" in
        --short) brief=(--short) ;;
        -*) echo "quickstart: '$argument' is no option; the one there is: --short." >&2; exit 2 ;;
        *) data=$argument ;;
    esac
done
holds_data() { [ -e "$1/weights/vit_tiny_patch16_224.safetensors" ] && [ -d "$1/imagenet-compatible/val" ]; }
if [ -n "$data" ]; then
    holds_data "$data" || { echo "quickstart: '$data' lacks weights/vit_tiny_patch16_224.safetensors or imagenet-compatible/val." >&2; exit 2; }
elif holds_data "$root/../shared/data"; then
    data=$root/../shared/data
fi

"$root/setup.sh" --build examples/Quickstart
work="$root/artifacts/quickstart"
rm -rf "$work"
exec dotnet "$root/examples/Quickstart/bin/Release/net10.0/Quickstart.dll" "$work" ${data:+"$data"} "${brief[@]}"
