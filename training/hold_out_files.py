#!/usr/bin/python3
"""Writes the routing prompts that a hold-out run may not know, OUT/unseen.jsonl (4,000 of them), and those it may, OUT/known.jsonl, for

    gateway eval --routes ROUTES OUT/unseen.jsonl --by lang --baseline tfidf knn --baseline-train OUT/known.jsonl
"""
import argparse
import json
import os
import random

from data import HELD_OUT_SOURCES, add_hold_out, may_train_on, router_rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    add_hold_out(parser)
    arguments = parser.parse_args()
    rows = router_rows(arguments.data, "train")
    unseen = [row for row in rows if row["source"] in HELD_OUT_SOURCES]
    parts = {"unseen": random.Random(0).sample(unseen, 4000), "known": [row for row in rows if may_train_on(row["source"], arguments.hold_out or [])]}
    for name, part in parts.items():
        with open(os.path.join(arguments.out, name + ".jsonl"), "w", encoding="utf-8") as file:
            for row in part:
                language = "English" if row["lang"] == "en" else "other"
                file.write(json.dumps({"text": row["text"], "label": row["label"], "source": row["source"], "lang": language}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
