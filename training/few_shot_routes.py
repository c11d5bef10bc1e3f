#!/usr/bin/python3
"""Writes route tables whose routes are the intents of a public set, to measure the router on routes that nobody trained.

For each set, number of examples and draw: OUT/<set>-<examples>-<seed>.json (routes) and OUT/<set>.jsonl (test prompts; those out of
scope are labelled "oos"). Then: gateway eval --routes OUT/clinc150-5-0.json --abstain-label oos OUT/clinc150.jsonl
"""
import argparse
import json
import os
import random
import re

from data import INTENT_SETS, intent_rows


def route_id(intent):
    return re.sub("[^a-z0-9_]", "", intent.lower())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out/few-shot")
    parser.add_argument("--classifier", default="../models/router-nano", help="folder of the embedding model, relative to here")
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    for name in INTENT_SETS:
        rows, test = (intent_rows(arguments.data, name, split) for split in ("train", "test"))
        with open(os.path.join(arguments.out, name + ".jsonl"), "w", encoding="utf-8") as file:
            for row in test:
                file.write(json.dumps({"text": row["text"], "label": route_id(row["label"])}, ensure_ascii=False) + "\n")
        texts = {intent: [row["text"] for row in rows if row["label"] == intent] for intent in sorted({row["label"] for row in rows} - {"oos"})}
        for examples in (5, 10):
            for seed in range(arguments.seeds):
                routes = [{
                    "id": route_id(intent), "description": intent.replace("_", " "), "cluster": "any", "examples": random.Random(seed).sample(texts[intent], examples)}
                    for intent in texts]
                table = {
                    "router": {
                        "classifier": os.path.relpath(arguments.classifier, arguments.out), "deadline": "5s", "minConfidence": 0.3, "minMargin": 0, "defaultRoute": routes[0]["id"]},
                    "clusters": {"any": {"destinations": {"one": "http://localhost:1/"}}}, "routes": routes}
                with open(os.path.join(arguments.out, f"{name}-{examples}-{seed}.json"), "w", encoding="utf-8") as file:
                    json.dump(table, file, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
