#!/usr/bin/env bash
# Prints 'nuget' when the package feed can restore the real packages, else 'offline'. First the small managed ones: a feed
# that lacks them answers in seconds, without the hundreds of megabytes of the native ones. Called by setup.sh.
set -euo pipefail
backend=${1:-cpu}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

version() { sed -n "s|.*Include=\"$1\" Version=\"\([^\"]*\)\".*|\1|p" "$root/Directory.Packages.props"; }
restores() {   # package...
    {
        echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup><ItemGroup>'
        for package; do echo "<PackageReference Include=\"$package\" Version=\"[$(version "$package")]\" />"; done
        echo '</ItemGroup></Project>'
    } > "$folder/probe.csproj"
    timeout "$limit" dotnet restore "$folder/probe.csproj" -v q >/dev/null 2>&1
}

limit=90
if restores Microsoft.ML Microsoft.ML.ImageAnalytics TorchSharp && limit=1800 && restores "TorchSharp-$backend"; then
    echo nuget
else
    echo offline
fi
