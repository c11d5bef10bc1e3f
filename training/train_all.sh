#!/bin/sh
# Everything from the data sets to the checked model folders; README.md tells what each step does and how long it takes.
# usage: train_all.sh [DATA_FOLDER] [FOLDER_WITH_ONNXRUNTIME_NODE]
set -eu
cd "$(dirname "$0")"
data=${1:-../../shared/datasets}
node_modules=${2:-out/check}

./tokenizer.py router --data "$data"
./tokenizer.py samples --data "$data"
./train_samples.py coding --data "$data" --epochs 7
./train_samples.py reasoning --data "$data" --epochs 3
./teacher.py --data "$data"
./train_router.py --data "$data"
./tune_router.py --data "$data"
./tune_router.py --data "$data" --start router-nano --steps 260
for name in router-nano sample-coding sample-reasoning; do
    ./export.py "$name" --data "$data"
done
./train_lexicon.py --data "$data"
./evaluate_router.py --data "$data"
./check_export.sh "$node_modules"
