#!/bin/sh
# Builds artifacts/native/libimages_offline.so; does nothing when the source has not changed since the last build.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out="$here/../../../artifacts/native"
library="$out/libimages_offline.so"
stamp="$library.stamp"
now=$(cat "$here/images_offline.c" "$here/build.sh" | sha256sum)
if [ -f "$library" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then exit 0; fi

compiler=${CC:-gcc}
if ! command -v "$compiler" >/dev/null; then
    echo "libimages_offline.so needs a C compiler and the headers of libjpeg-turbo and libpng: apt-get install gcc libjpeg62-turbo-dev libpng-dev" >&2
    exit 1
fi
mkdir -p "$out"
partial="$library.$$"
trap 'rm -f "$partial"' EXIT
if ! "$compiler" -O2 -std=gnu11 -Wall -Wextra -fPIC -shared -fvisibility=default -o "$partial" "$here/images_offline.c" -ljpeg -lpng; then
    echo "libimages_offline.so was not built; it needs the headers of libjpeg-turbo and libpng: apt-get install libjpeg62-turbo-dev libpng-dev" >&2
    exit 1
fi
mv -f "$partial" "$library"
echo "$now" > "$stamp"
