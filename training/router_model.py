"""The router's embedding model: a small bidirectional Gemma 4 text model beside hashed token n-gram tables.

Looking up a row costs next to nothing at run time, however large the table: the tables remember wordings, the transformer
sees order and context. In the spirit of Gemma 4's per-layer embeddings, the looked-up rows enter the transformer's input
too. Both are pooled over the text (mean, and an attention that the transformer steers) and projected, past a hidden layer and
straight, to one unit vector of two parts: the meaning of the text (it imitates the teacher of teacher.py, for routes that nobody has thought of yet) and
the kind of the request (it separates the labels of the training data).
"""
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from gemma4 import FULL, SLIDING, Gemma4Config, Gemma4TextModel, tanh_gelu

# Multipliers of the hash of n neighbouring ids: sum(id[i] * multiplier[i]) mod rows. Odd, and small enough for int64.
HASH_MULTIPLIERS = [1000003, 998244353, 715225739]


@dataclass
class NgramConfig:
    sizes: tuple = (2, 3)
    rows: int = 65536
    width: int = 96
    projection_size: int = 384
    meaning_size: int = 192
    kind_size: int = 64

    @property
    def sentence_size(self):
        return self.meaning_size + self.kind_size


# Lengths of the two parts; together a vector of length 1.
MEANING_LENGTH, KIND_LENGTH = 0.8, 0.6


def router_config(vocab_size):
    return Gemma4Config(
        vocab_size=vocab_size, hidden_size=192, intermediate_size=512, layer_types=[SLIDING, FULL],
        num_attention_heads=3, num_key_value_heads=1, num_global_key_value_heads=1, head_dim=64, global_head_dim=64,
        sliding_window=64, max_position_embeddings=512, causal=False)


def ngram_rows(ids, size, rows):
    """Row of the n-gram that starts at each position; past the end the ids are 0. ids [batch, length]."""
    hashed = ids * HASH_MULTIPLIERS[0]
    for offset in range(1, size):
        hashed = hashed + F.pad(ids[:, offset:], (0, offset)) * HASH_MULTIPLIERS[offset]
    return hashed % rows


class RouterModel(nn.Module):
    def __init__(self, config, ngrams):
        super().__init__()
        self.config, self.ngrams = config, ngrams
        hidden, wide = config.hidden_size, ngrams.width * len(ngrams.sizes)
        self.transformer = Gemma4TextModel(config)
        # Sparse gradients: a batch touches a few thousand of the rows.
        self.tables = nn.ModuleList(nn.Embedding(ngrams.rows, ngrams.width, sparse=True) for _ in ngrams.sizes)
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.1)
        self.ngram_input = nn.Linear(wide, hidden, bias=False)
        self.attend = nn.Linear(hidden, 1, bias=False)
        self.project_in = nn.Linear(2 * (2 * hidden + wide), ngrams.projection_size)
        self.project_out = nn.Linear(ngrams.projection_size, ngrams.sentence_size, bias=False)
        self.skip = nn.Linear(2 * (2 * hidden + wide), ngrams.sentence_size, bias=False)

    @torch.no_grad()
    def start_from(self, meanings):
        """Starts with the teacher's vectors of the tokens [tokens, hidden size], so that at first the meaning of a text is the
        mean of its tokens' meanings; all else has to be better than that."""
        meanings = torch.from_numpy(meanings).float()
        self.transformer.embed_tokens.weight.copy_(meanings / meanings.norm(dim=-1).median())
        self.project_out.weight.mul_(0.1)
        self.skip.weight.zero_()
        mean_words = self.skip.in_features // 2 + self.config.hidden_size
        self.skip.weight[:self.ngrams.meaning_size, mean_words:mean_words + self.ngrams.meaning_size] = torch.eye(self.ngrams.meaning_size)

    def forward(self, ids, present, deep=True, keep_ngrams=None):
        """Unit vectors [batch, sentence size]. present [batch, length] is 1 for tokens and 0 for padding, and ids are 0
        there. Not `deep` leaves the transformer out, at a tenth of the cost. keep_ngrams [batch] scales the n-gram rows.
        Both are for training only: either half must do without the other at times."""
        words = self.transformer.embed(ids)
        grams = torch.cat([table(ngram_rows(ids, size, self.ngrams.rows))
                           for table, size in zip(self.tables, self.ngrams.sizes)], -1)
        if keep_ngrams is not None:
            grams = grams * keep_ngrams[:, None, None]
        mean = (present / present.sum(-1, keepdim=True)).unsqueeze(1)
        looked_up = torch.cat([words, grams], -1)
        if deep:
            hidden = self.transformer(words + self.ngram_input(grams), present)
            attention = self.attend(hidden).squeeze(-1).masked_fill(present == 0, -1e9).softmax(-1).unsqueeze(1)
            pooled = torch.cat([attention, mean], 1) @ torch.cat([hidden, looked_up], -1)
        else:
            pooled = F.pad(mean @ looked_up, (self.config.hidden_size, 0)).expand(-1, 2, -1)
        pooled = pooled.flatten(1)
        meaning, kind = self.parts(self.project_out(tanh_gelu(self.project_in(pooled))) + self.skip(pooled))
        return torch.cat([MEANING_LENGTH * F.normalize(meaning, dim=-1), KIND_LENGTH * F.normalize(kind, dim=-1)], -1)

    def parts(self, embedding):
        """(meaning, kind) of embeddings."""
        return embedding.split([self.ngrams.meaning_size, self.ngrams.kind_size], -1)


def save(model, path):
    torch.save({"vocab_size": model.config.vocab_size, "ngrams": model.ngrams.__dict__, "state": model.state_dict()}, path)


def load(path):
    saved = torch.load(path)
    model = RouterModel(router_config(saved["vocab_size"]), NgramConfig(**saved["ngrams"]))
    model.load_state_dict(saved["state"])
    return model.eval()
