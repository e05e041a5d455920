#!/usr/bin/env bash
# Prepares this folder to be built: chooses the stack (README, "Two stacks"), installs what that stack needs and builds its
# native files. Runs again at any time; does nothing when nothing has changed. Everything it says goes to stderr.
#
#   ./setup.sh [--stack nuget|offline] [--backend cpu|cuda-linux] [--build PROJECT-FOLDER] [--quiet]
#
#   --stack     the real packages (nuget) or the project's own stand-ins over a system libtorch (offline). Without it the
#               feed is asked once and the answer is kept in Stack.props.
#   --backend   TorchSharp's native package on the nuget stack.
#   --build     also builds that project (Release) when its sources have changed. May be given more than once.
#   LIBTORCH=<folder with include/ and lib/>   a libtorch of your own for the offline stack, CUDA included; remembered
#               (LIBTORCH= with nothing behind it goes back to the system's).
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
exec 1>&2
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1

say() { [ -n "${quiet:-}" ] || echo "setup: $*"; }
fail() { echo "setup: $*"; exit 1; }

stack="" backend="" quiet="" projects=()
while [ $# -gt 0 ]; do
    case "$1" in
        --quiet) quiet=1; shift ;;
        --stack|--backend|--build)
            [ $# -ge 2 ] || fail "$1 needs a value; the head of setup.sh lists the options."
            case "$1" in --stack) stack=$2 ;; --backend) backend=$2 ;; --build) projects+=("${2%/}") ;; esac
            shift 2 ;;
        *) fail "'$1' is no option of setup.sh; its head lists them." ;;
    esac
done
case "$stack" in ""|nuget|offline) ;; *) fail "--stack is '$stack'; it must be nuget or offline." ;; esac
case "$backend" in ""|cpu|cuda-linux) ;; *) fail "--backend is '$backend'; it must be cpu or cuda-linux." ;; esac

property() { [ ! -f Stack.props ] || sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" Stack.props; }
kept_stack=$(property Stack) kept_backend=$(property TorchBackend)
stack=${stack:-$kept_stack} backend=${backend:-${kept_backend:-cpu}}
export LIBTORCH=${LIBTORCH-$(property Libtorch)}
case "$LIBTORCH" in ""|/*) ;; *) LIBTORCH=$caller/$LIBTORCH ;; esac
props() {
    printf '<Project>\n  <PropertyGroup>\n    <Stack>%s</Stack>\n    <TorchBackend>%s</TorchBackend>\n    <Libtorch>%s</Libtorch>\n  </PropertyGroup>\n</Project>\n' \
        "$stack" "$backend" "$LIBTORCH"
}

mkdir -p artifacts
exec 9> artifacts/setup.lock
flock 9 2>/dev/null || true   # two commands started at once set up one after the other; children get no hold of it (9>&-)

# What decides whether anything is left to do: the scripts and native sources, the choice, and the system's packages.
key() {
    cat setup.sh build/*.sh offline/*/native/* 2>/dev/null | cksum
    props
    command -v dotnet || true
    stat -c %Y /var/lib/dpkg/status 2>/dev/null || true
}
ready() {
    [ -n "$kept_stack" ] || return 1
    [ "$stack" = nuget ] || { [ -e artifacts/native/libtorch_offline.so ] && [ -e artifacts/native/libimages_offline.so ]; } || return 1
    [ "$(cat artifacts/setup.stamp 2>/dev/null)" = "$(key)" ]
}

if ! ready; then
    command -v dotnet >/dev/null && dotnet --list-sdks | grep -q '^1[0-9]\.' ||
        fail "no .NET SDK 10 was found; install it (https://dot.net, or your system's package dotnet-sdk-10.0) and run this again."
    if [ -z "$stack" ]; then
        say "asking the package feed for the real Microsoft.ML and TorchSharp (once)"
        stack=$(build/probe.sh "$backend" 9>&-)
    fi
    say "stack: $stack (kept in Stack.props; --stack changes it)"
    [ "$stack" = nuget ] || quiet=$quiet build/native.sh 9>&-
    if [ "$(props)" != "$(cat Stack.props 2>/dev/null)" ]; then
        props > Stack.props.new
        mv Stack.props.new Stack.props
    fi
    key > artifacts/setup.stamp
    say "ready"
fi

for project in "${projects[@]}"; do
    build/release.sh "$project" 9>&-
done
