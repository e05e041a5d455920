#!/usr/bin/env bash
# Installs what the offline stack needs and is not there yet (Debian, Ubuntu), then builds its two native files.
# Called by setup.sh; LIBTORCH=<folder> is used in place of the system's libtorch.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec 1>&2
say() { [ -n "${quiet:-}" ] || echo "setup: $*"; }
fail() { echo "setup: $*"; exit 1; }

header() { echo "#include <$1>" | g++ -E -x c++ - >/dev/null 2>&1; }
system_blas() { ldconfig -p 2>/dev/null | sed -n 's|.*libblas\.so\.3 .*=> ||p' | head -n 1; }
optimised_blas() { readlink -f "$(system_blas)" 2>/dev/null | grep -qiE 'openblas|mkl|blis|atlas'; }
# The OpenBLAS that shares libtorch's threads; offline/TorchSharp/native/build.sh prefers it to what the system selects.
openmp_blas() { ls /usr/lib/*/openblas-openmp/libblas.so.3 >/dev/null 2>&1; }

missing() {
    command -v g++ >/dev/null || echo g++
    # <cstdio> before jpeglib.h, which does not include what it needs.
    [ -e /usr/include/jpeglib.h ] || header 'cstdio>
#include <jpeglib.h' || echo libjpeg62-turbo-dev
    header png.h || echo libpng-dev
    if [ -z "${LIBTORCH:-}" ]; then
        header torch/csrc/api/include/torch/version.h || header torch/version.h || echo libtorch-dev
        # libtorch alone brings the reference BLAS, many times slower.
        openmp_blas || optimised_blas || echo libopenblas0-openmp
    fi
}

if [ -n "${LIBTORCH:-}" ] && [ ! -e "$LIBTORCH/lib/libtorch.so" ]; then
    fail "LIBTORCH is '$LIBTORCH', which has no lib/libtorch.so; set it to an unpacked libtorch (the folder with include/ and lib/)."
fi

packages=$(missing | tr '\n' ' ')
if [ -n "$packages" ]; then
    command -v apt-get >/dev/null ||
        fail "this system has no apt-get; install the equivalents of Debian's $packages(or set LIBTORCH=<folder> for libtorch) and run this again."
    root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "the packages $packages are missing; have root run 'apt-get install $packages' and run this again."
        root=sudo
    fi
    say "installing $packages"
    log=artifacts/apt.log
    install() { $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >> "$log" 2>&1 < /dev/null; }
    : > "$log"
    install || { $root apt-get update -q >> "$log" 2>&1 < /dev/null || true; install; } || {
        tail -n 5 "$log"
        fail "apt-get could not install $packages; check the network and /etc/apt/sources.list ('$log' has its words), or install them yourself, and run this again."
    }
fi

# Wanted, not needed: an OpenBLAS with threads of its own works, at half the pace with two threads.
if [ -z "${LIBTORCH:-}" ] && ! openmp_blas && readlink -f "$(system_blas)" | grep -qi openblas; then
    root=""
    [ "$(id -u)" = 0 ] || root="sudo -n"
    say "installing libopenblas0-openmp"
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libopenblas0-openmp > /dev/null 2>&1 < /dev/null ||
        say "libopenblas0-openmp could not be installed; the OpenBLAS that is here makes two threads half as fast"
fi

say "building the native files${LIBTORCH:+ over $LIBTORCH} (about half a minute the first time)"
sh offline/TorchSharp/native/build.sh || fail "libtorch_offline.so was not built; the compiler's words above say why, and LIBTORCH=<folder> selects another libtorch."
sh offline/Microsoft.ML/native/build.sh || fail "libimages_offline.so was not built; the compiler's words above say why."
