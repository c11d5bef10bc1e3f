"""Reads the data sets, and writes results so that a reader never sees half a file."""
import gzip
import json
import os
import random

LABELS = ["coding", "reasoning", "general", "writing", "extraction", "tools", "translation"]


# Whole sources of every label that `--hold-out` leaves out of training, to measure prompts of unseen origin.
HELD_OUT_SOURCES = [
    "odex", "mbxp", "scibench", "svamp", "webquestions", "gpteacher-roleplay", "mmlu", "t0-common_gen", "writingbench",
    "complexbench", "wnut17+tmpl", "t0-dbpedia", "restaurant8k+tmpl", "workbench", "nl2bash", "bfcl", "xsid", "tico19+tmpl"]
INTENT_SETS = ["clinc150", "banking77", "hwu64"]


def may_train_on(source, hold_out):
    """False for what a hold-out run must not know: whole sources, and the intent sets it is to be measured on.
    hold_out: names of these intent sets, or None for the run that ships."""
    return hold_out is None or source not in (*HELD_OUT_SOURCES, *hold_out)


def add_hold_out(parser):
    parser.add_argument("--hold-out", nargs="*", choices=INTENT_SETS, metavar="SET",
                        help="leave out 18 sources, and these intent sets, to measure what the model makes of them")


def read_jsonl(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write_json(path, value, indent=None):
    write_bytes(path, (json.dumps(value, ensure_ascii=False, indent=indent) + "\n").encode())


def write_bytes(path, content):
    with open(path + ".new", "wb") as file:
        file.write(content)
    os.replace(path + ".new", path)


def router_rows(data, split):
    return read_jsonl(os.path.join(data, f"{split}.jsonl"))


def intent_rows(data, name, split):
    """Rows of an intent set; `label` is the intent."""
    return read_jsonl(os.path.join(data, "intents", f"{name}_{split}.jsonl"))


def generation_rows(data, name):
    """(training rows, 200 held-out rows) for a sample decoder."""
    rows = read_jsonl(os.path.join(data, "generation", f"{name}.jsonl"))
    random.Random(1).shuffle(rows)
    return rows[200:], rows[:200]


def router_tokenizer_texts(data, seed=1):
    """All routing prompts and a slice of the unlabelled text, so that ordinary prose weighs in too."""
    texts = [row["text"] for row in router_rows(data, "train")]
    extra = [row["text"] for row in read_jsonl(os.path.join(data, "pretrain.jsonl.gz"))]
    texts += random.Random(seed).sample(extra, 12000)
    return [text[:4000] for text in texts]


def sample_tokenizer_texts(data):
    rows = [row for name in ("coding", "reasoning") for row in read_jsonl(os.path.join(data, "generation", f"{name}.jsonl"))]
    return [text for row in rows for text in (row["prompt"], row["response"])]
