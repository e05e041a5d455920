#!/bin/sh
# Builds artifacts/native/libtorch_offline.so over the system's libtorch, or over LIBTORCH=<folder with include/ and lib/>.
# Does nothing when the library is newer than the source and was built over the same libtorch.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out="$root/artifacts/native"
set -- "$here/torch_offline.cpp"
openmp=""
library="$out/libtorch_offline.so"

if [ -n "${LIBTORCH:-}" ]; then
    LIBTORCH=$(cd "$LIBTORCH" && pwd)
    includes="-isystem $LIBTORCH/include -isystem $LIBTORCH/include/torch/csrc/api/include"
    libs="$LIBTORCH/lib"
else
    includes="-isystem /usr/include/torch/csrc/api/include"
    set -- "$@" "$here/batched_products.cpp" "$here/fused_attention.cpp"     # Debian's has no MKL and is older than 2
    openmp=-fopenmp
    libs=$(dirname "$(ls /usr/lib/*/libtorch.so /usr/lib/libtorch.so 2>/dev/null | head -n 1)" 2>/dev/null || true)
fi
if [ -z "$libs" ] || [ ! -e "$libs/libtorch.so" ]; then
    echo "libtorch was not found: install libtorch-dev or set LIBTORCH to a folder with include/ and lib/." >&2
    exit 1
fi

# Its threads are those of libtorch itself (OpenMP's). OpenBLAS with threads of its own stands in the way of libtorch's: half the pace at two threads.
search="$libs"
if [ -z "${LIBTORCH:-}" ] && [ -e "$libs/openblas-openmp/libblas.so.3" ]; then search="$libs/openblas-openmp:$libs"; fi

stamp=$(cat "$@" "$here"/*.h | cksum)" $(cksum < "$0") $search $(cksum < "$libs/libc10.so" | cut -d' ' -f1)"
if [ -e "$library" ] && [ "$(cat "$library.stamp" 2>/dev/null)" = "$stamp" ]; then exit 0; fi

mkdir -p "$out"
# Registration of CUDA's kernels happens when libtorch_cuda is loaded; nothing here refers to it by symbol.
cuda=""
if [ -e "$libs/libtorch_cuda.so" ]; then cuda="-ltorch_cuda -lc10_cuda"; fi
# Two lines of standards: 1.13's headers need 14 or later, 2.x's 17, the newest 20.
standard=c++17
if [ -e "$libs/../include/c10/util/Exception.h" ] && grep -qs 'C++20' "$libs/../include/torch/csrc/api/include/torch/all.h"; then standard=c++20; fi
abi=""
if [ -n "${LIBTORCH:-}" ] && [ -f "$LIBTORCH/share/cmake/Torch/TorchConfig.cmake" ]; then
    abi=$(sed -n 's/.*\(-D_GLIBCXX_USE_CXX11_ABI=[01]\).*/\1/p' "$LIBTORCH/share/cmake/Torch/TorchConfig.cmake" | head -n 1)
fi

temporary="$library.$$"
trap 'rm -f "$temporary"' EXIT
${CXX:-g++} -std=$standard -O3 -fPIC -shared -fvisibility=hidden -fvisibility-inlines-hidden $openmp $abi $includes "$@" -o "$temporary" \
    -L"$libs" -Wl,--disable-new-dtags -Wl,-rpath,"$search" -Wl,--no-as-needed -ltorch -ltorch_cpu $cuda -lc10
mv "$temporary" "$library"
printf '%s' "$stamp" > "$library.stamp"
