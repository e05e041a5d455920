#!/usr/bin/env bash
# Runs the same work here and in PyTorch (Debian's python3-torch and python3-torchvision), interleaved, and prints one JSON object:
#
#   test/peers/compare.sh dense|train|kl-scores|dimap-scores|pruned|skip --json
#   {"name","commit","cases":[{"case","ours","peer","unit","ratio","low","high","bar"}]}      ratio above 1: ours is faster; a bar of null: reported only
#
# A table for people goes to stderr. Exit code 1 where a case stays below its bar. Run nothing else on the machine beside it.
# dimap-scores compares DIMAP of Swin-B, scores to masks, with NumPy's argsort and cumulative sum alone, and reports the memory; 3 minutes.
# Three comparisons are with ourselves: kl-scores has exact KL scores by the fast path beside the naive loop (needs ../shared/data; about 8 minutes),
# pruned has pruned models beside the dense ones, and adds "profile": milliseconds of each part of a forward pass (about 12 minutes),
# skip has a model that skips patches beside the same model that does not (about 3 minutes).
# PEERS_CASES=TEXT measures only the cases whose names contain TEXT.
# PEERS_SECONDS=N measures each case for about N seconds (default 14 for dense and skip, 30 for train, 60 for dimap-scores, 20 for pruned;
#                 a comparison then takes under 20 minutes).
# PEERS_CHANNELS=N tries kl-scores quickly, with N channels of each group. PEERS_MODEL=FILE adds a model that was pruned before to pruned,
#                 and to skip, with PEERS_CIFAR=FOLDER, one that was taught to skip.
# PEERS_BFLOAT16=1 insists on bfloat16 in pruned where the CPU is faster in fp32.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fail() { echo "compare: $*" >&2; exit 2; }

[ $# -ge 1 ] || fail "which comparison? There are: dense, train, kl-scores, dimap-scores, pruned, skip."
name=$1
shift
[ "${1:---json}" = --json ] && [ $# -le 1 ] || fail "'$1' is no option; the one there is: --json."
case "$name" in
    dense|train|kl-scores|dimap-scores|pruned|skip) ;;
    *) fail "there is no comparison '$name'; there are: dense, train, kl-scores, dimap-scores, pruned, skip." ;;
esac

[ "$name" = kl-scores ] || test/peers/setup.sh
./setup.sh --build test/peers/Worker >&2
# Both sides have the OpenBLAS that shares libtorch's threads; with the one that the system selects both are at half the pace with two threads.
for blas in /usr/lib/*/openblas-openmp; do [ ! -d "$blas" ] || export LD_LIBRARY_PATH="$blas${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; done
# Where waiting threads sleep at once (PASSIVE), waking them costs more than many small products take: skipping gained 1.12 instead of 1.32.
unset OMP_WAIT_POLICY
# Our dense and smaller models both run as ./vitprune runs them: glibc keeps freed activations.
case "$name" in
    pruned|skip) export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-4000000000}" MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-1000000000}" ;;
esac
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || commit="$commit-changed"
[ "$name" != kl-scores ] || OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 MKL_NUM_THREADS=2 exec dotnet test/peers/Worker/bin/Release/net10.0/PeerWorker.dll kl-scores 2 ../shared/data "$commit"
PYTHONPATH="$PWD/test/peers/common" PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 "test/peers/$name/$name.py" "$PWD/test/peers/Worker/bin/Release/net10.0/PeerWorker.dll" "$commit"
