#!/usr/bin/env bash
# Sets up, builds (Release) and runs all tests. The last line is 'N passed, N failed, N skipped'; exit code 1 where one failed.
# Arguments go to every test program: ./test.sh --filter FullyQualifiedName~Swin
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
./setup.sh --build MLNet.ViTPruning.sln

passed=0 failed=0 skipped=0
mkdir -p artifacts/test
for project in test/*/*.csproj; do
    name=$(basename "$project" .csproj)
    log="artifacts/test/$name.log"
    echo "== $name"
    code=0
    # Zero tests run (code 8) is no failure where a filter leaves a project without any.
    dotnet "$(dirname "$project")/bin/Release/net10.0/$name.dll" --no-ansi --progress off --ignore-exit-code 8 "$@" > "$log" 2>&1 < /dev/null || code=$?
    grep -vE '^(MSTest v|Test run summary|  (total|failed|succeeded|skipped|duration):|$)' "$log" || true
    count() { sed -n "s/^  $1: \([0-9]*\)$/\1/p" "$log" | tail -n 1; }
    ok=$(count succeeded) bad=$(count failed)
    # A program that ended before its summary, or failed outside a test, counts as one failure.
    if [ -z "$ok" ] || { [ "$code" != 0 ] && [ "${bad:-0}" = 0 ]; }; then
        echo "$name ended with code $code"
        bad=$(( ${bad:-0} + 1 ))
    fi
    echo "   $(sed -n 's/^  duration: //p' "$log" | tail -n 1)"
    passed=$((passed + ${ok:-0})) failed=$((failed + ${bad:-0})) skipped=$((skipped + $(count skipped | grep . || echo 0)))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
