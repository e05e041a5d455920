#!/usr/bin/env bash
# Builds one project (Release) if any source it can depend on has changed since the last time. Called by setup.sh --build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec 1>&2
project=$1
name=$(basename "${project%.sln}")
stamp="artifacts/release/$name.stamp" log="artifacts/release/$name.log"
mkdir -p artifacts/release

# Names and times of all sources: one number that also notices a file that has gone.
sources() {
    local folders="src offline"
    case "$project" in *.sln) folders="src offline test examples" ;; src*) ;; *) folders="src offline $project" ;; esac
    find $folders Directory.* Stack.props artifacts/native -name bin -prune -o -name obj -prune -o -type f -printf '%p %T@\n' 2>/dev/null | sort | cksum
    echo "$project ${TorchBackend:-}"
}

now=$(sources)
if [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then exit 0; fi
echo "setup: building $project (Release)"
# To a file, not to a pipe: helpers that the build leaves running would hold the pipe open.
if ! dotnet build "$project" -c Release -v q --nologo > "$log" 2>&1 < /dev/null; then
    grep -E 'error' "$log" | sort -u | head -n 20 || tail -n 20 "$log"
    echo "setup: '$project' did not build; the errors above say why ($log has all of it)."
    exit 1
fi
echo "$now" > "$stamp"
