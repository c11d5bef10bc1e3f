#!/bin/sh
# Compares the exported folders with PyTorch's values through ONNX Runtime, which Debian does not package for Python.
# usage: check_export.sh [FOLDER_WITH_ONNXRUNTIME_NODE]; the folder is made with npm when it is not there.
set -eu
cd "$(dirname "$0")"
folder=${1:-out/check}
if [ ! -d "$folder/node_modules/onnxruntime-node" ]; then
    mkdir -p "$folder"
    # Its install script fetches CUDA libraries, which the check does not need.
    (cd "$folder" && npm init -y > /dev/null && npm install --ignore-scripts onnxruntime-node@1.29.0)
fi
for name in sample-coding sample-reasoning; do
    ./float_cache.py "../models/$name/model.onnx" "out/$name-float-kv.onnx"
done
here=$(pwd)
cd "$folder"
ORT_DISABLE_TELEMETRY=1 node "$here/check_export.mjs" "$here/../models" "$here/out"
