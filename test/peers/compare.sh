#!/usr/bin/env bash
# Runs the same work here and in PyTorch (Debian's python3-torch and python3-torchvision), interleaved, and prints one JSON object:
#
#   test/peers/compare.sh dense|train|kl-scores|dimap-scores|skip --json
#   {"name","commit","cases":[{"case","ours","peer","unit","ratio","low","high","bar"}]}      ratio above 1: ours is faster; a bar of null: reported only
#
# A table for people goes to stderr. Exit code 1 where a case stays below its bar. Run nothing else on the machine beside it.
# dimap-scores compares DIMAP of Swin-B, scores to masks, with NumPy's argsort and cumulative sum alone, and reports the memory; 3 minutes.
# kl-scores compares exact KL scores by the fast path with the naive loop, both ours, and needs ../shared/data; about 9 minutes.
# skip compares a model that skips patches with the same model that does not, both ours; about 3 minutes.
# PEERS_CASES=TEXT measures only the cases whose names contain TEXT.
# PEERS_SECONDS=N measures each case for about N seconds (default 14 for dense and skip, 30 for train, 60 for dimap-scores; a comparison then takes under
# 20 minutes).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fail() { echo "compare: $*" >&2; exit 2; }

[ $# -ge 1 ] || fail "which comparison? There are: dense, train, kl-scores, dimap-scores, skip."
name=$1
shift
[ "${1:---json}" = --json ] && [ $# -le 1 ] || fail "'$1' is no option; the one there is: --json."
case "$name" in
    dense|train|kl-scores|dimap-scores|skip) ;;
    pruned) fail "'$name' is not there yet; it comes with the feature it compares." ;;
    *) fail "there is no comparison '$name'; there are: dense, train, kl-scores, dimap-scores, skip." ;;
esac

[ "$name" = kl-scores ] || test/peers/setup.sh
./setup.sh --build test/peers/Worker >&2
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || commit="$commit-changed"
[ "$name" != kl-scores ] || exec dotnet test/peers/Worker/bin/Release/net10.0/PeerWorker.dll kl-scores 2 ../shared/data "$commit"
PYTHONPATH="$PWD/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 "test/peers/$name/$name.py" "$PWD/test/peers/Worker/bin/Release/net10.0/PeerWorker.dll" "$commit"
