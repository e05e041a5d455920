#!/usr/bin/env bash
# Installs PyTorch for the scripts in this folder (Debian's packages for /usr/bin/python3) where it is missing.
set -euo pipefail
exec 1>&2
if /usr/bin/python3 -c 'import numpy, torch, torchvision' 2>/dev/null; then exit 0; fi
packages="python3-torch python3-torchvision python3-numpy"
root=""
[ "$(id -u)" = 0 ] || root=sudo
command -v apt-get >/dev/null || { echo "peers: install $packages for /usr/bin/python3; this system has no apt-get."; exit 2; }
echo "peers: installing $packages"
install() { $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages > /dev/null < /dev/null; }
install 2>/dev/null || { $root apt-get update -q > /dev/null || true; install; } ||
    { echo "peers: apt-get could not install $packages; check the network, or install them yourself."; exit 2; }
