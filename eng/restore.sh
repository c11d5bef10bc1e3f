#!/usr/bin/env bash
# Restores the solution. First packs into eng/feed those packages that the machine's package sources do not serve; eng/pack has one project for each. Run it again at will: what is there is kept.
#   eng/restore.sh            for CPU builds
#   eng/restore.sh --cuda     also packs the CUDA execution provider, for builds with -p:UseCuda=true
#   eng/restore.sh --refresh  packs everything again
#   eng/restore.sh --feed-only  fills the feed and restores nothing (called by Directory.Build.targets)
set -euo pipefail
cd "$(dirname "$0")/.."

cuda=false refresh=false feed_only=false
for arg in "$@"; do
  case $arg in
    --cuda) cuda=true ;;
    --refresh) refresh=true ;;
    --feed-only) feed_only=true ;;
    *) echo "usage: eng/restore.sh [--cuda] [--refresh] [--feed-only]" >&2; exit 2 ;;
  esac
done

feed=$PWD/eng/feed
exec 9>"$feed/.lock"; flock 9 # several projects may ask at once
! $feed_only || $refresh || [[ ! -e $feed/.filled ]] || { $cuda && [[ ! -e $feed/.filled-cuda ]]; } || exit 0
work=$PWD/artifacts/pack
packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
export SOURCE_DATE_EPOCH=1700000000 # fixed file times: the same input packs to the same bytes

# The npm packages that hold what is packed, each with the sha512 of its tarball.
core=onnxruntime-node@1.29.0                       # Microsoft's libonnxruntime, built with CUDA support
ort=com.github.asus4.onnxruntime@0.4.9             # the managed sources of ONNX Runtime 1.29.0
gpu=com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9 # the CUDA 13 provider of 1.29.0
genai=com.github.asus4.onnxruntime-genai@0.4.9     # sources and library of ONNX Runtime GenAI 0.15.2
declare -A sha512=(
  [$core]=WjiVVB72riILz8HbYvxvmjKyE/WmkYoSfKY++axo5jAR609HQg8MwiG/HhShpTcJfmmAdzxxmB+MMST3A+SiPA==
  [$ort]=BkzxduSZ9IkeDP6Q8lz2TFU2ie7hSSvS7ZIfzMooExoq0CNzJnuuGaUJ7IsojBgqO4ouD1jXah8OYyJbCN29Fg==
  [$gpu]=FopIhNE/Ng+v2X65wVc9clPCBCvhvA53Hxo2U0Kf5fGdVsC7iCA+mZ0KLWggcQAj7TIZ6pNidR4AC10g74Xo6w==
  [$genai]=DkSWLL7iFOGyQe1kLIBpXwy1kKfj5J8/lh62lgVRzYi4/psWQW7NroRw4PIPyFfai/G03Zv9MP/cSv8mjBezcA==
)

in_feed() { compgen -G "$feed/$1.[0-9]*.nupkg" >/dev/null; }

unpack() { # unpack NAME@VERSION: the npm package's checked content in $work/npm/NAME, Linux files only
  local dir=$work/npm/${1%@*} tgz
  [[ ! -d $dir ]] || return 0
  mkdir -p "$work/dl" "$dir.part"
  tgz=$work/dl/$(npm pack "$1" --silent --ignore-scripts --pack-destination "$work/dl" --cache "$work/dl/cache")
  if [[ $(openssl dgst -sha512 -binary "$tgz" | base64 -w 0) != "${sha512[$1]}" ]]; then
    echo "restore: the sha512 of $1 is not the expected one" >&2
    exit 1
  fi
  tar -xzf "$tgz" -C "$dir.part" --strip-components=1 --exclude='package/Plugins/[!L]*' --exclude='*.meta' \
    --exclude='*/win32' --exclude='*/darwin' --exclude='*/arm64' --transform='s/\.so\.1$/.so/'
  mv "$dir.part" "$dir"
  rm -rf "$work/dl" # hundreds of megabytes
}

pack() { # pack ID [NAME@VERSION]: packs eng/pack/ID.csproj, from that npm package if one is named
  [[ $# -eq 1 ]] || unpack "$2"
  dotnet pack "eng/pack/$1.csproj" -p:NpmDir="$work/npm" -p:WorkDir="$work" -p:FeedDir="$feed" --verbosity quiet
  rm -rf "${packages:?}/${1,,}" # NuGet would go on using an earlier pack of this version that it unpacked there
}

# One restore of exact versions against the machine's own sources names each package (NU1101) or version (NU1102) that
# they lack. It runs outside the repository, whose NuGet.config adds eng/feed, and with a packages folder of its own,
# or NuGet would answer from its cache.
outside=$(mktemp -d)
trap 'rm -rf "$outside"' EXIT
cp eng/pack/probe.csproj eng/pack/versions.props "$outside"
if probe=$(dotnet restore "$outside/probe.csproj" --force --packages "$outside/packages" 2>&1) || grep -q 'NU110[12]' <<<"$probe"; then
  served() { ! grep -Eq "Unable to find package $1(\. No| with)" <<<"$probe"; }
else
  echo "restore: no package source answers, so eng/feed is taken as it is" >&2
  served() { false; }
fi

while read -r id npm; do
  if served "$id"; then
    rm -f "$feed/$id".[0-9]*.nupkg # so that it is not in two sources
  elif $refresh || ! in_feed "$id"; then
    pack "$id" $npm </dev/null
  fi
done <<PACKAGES
System.IO.Hashing
Microsoft.ML.OnnxRuntime.Managed $ort
Microsoft.ML.OnnxRuntime.Gpu $core
Microsoft.ML.OnnxRuntimeGenAI.Managed $genai
Microsoft.ML.OnnxRuntimeGenAI.Cuda $genai
PACKAGES
if $cuda && { $refresh || ! in_feed Local.OnnxRuntime.Cuda.Linux; }; then
  pack Local.OnnxRuntime.Cuda.Linux "$gpu"
fi

! $cuda || touch "$feed/.filled-cuda"
touch "$feed/.filled" # git-ignored: Directory.Build.targets looks for it
$feed_only || dotnet restore -p:UseCuda=$cuda
