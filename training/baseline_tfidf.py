#!/usr/bin/python3
"""The bag-of-words baseline (TF-IDF of words and character n-grams, logistic regression) on the same splits."""
import argparse
import random

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from data import HELD_OUT_SOURCES, add_hold_out, may_train_on, router_rows
from evaluate_router import by_language, by_source


def features():
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, max_features=300000))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../../shared/datasets")
    add_hold_out(parser)
    arguments = parser.parse_args()
    rows = router_rows(arguments.data, "train")
    train = [row for row in rows if may_train_on(row["source"], arguments.hold_out)]
    unseen = [row for row in rows if arguments.hold_out is not None and row["source"] in HELD_OUT_SOURCES]
    unseen = random.Random(0).sample(unseen, min(len(unseen), 4000))
    dev = [row for row in router_rows(arguments.data, "dev") if may_train_on(row["source"], arguments.hold_out)]
    model = make_pipeline(features(), LogisticRegression(C=10, solver="saga", max_iter=15, tol=1e-3))
    model.fit([row["text"] for row in train], [row["label"] for row in train])
    for name, test in (("dev", dev), ("unseen", unseen)):
        if test:
            right = model.predict([row["text"] for row in test]) == np.array([row["label"] for row in test])
            print(f"  {name}: {right.mean():.4f} of {len(right)}")
            if name == "unseen":
                print(*by_source(test, right), by_language(test, right), sep="\n")


if __name__ == "__main__":
    main()
