"""Fine-tune the retriever: what a client says → near the case studies that answer it.

The upper layers of MiniLM learn two things by contrast (InfoNCE, van den Oord et al. 2018): the evidence of each need is to be
nearest to its own written statement, among the needs of a few notes; and the evidence of a need, the sentences around it
or its statement nearest to the cases that fit, among those of its library. Embeddings and lower layers stay as they are,
so their output is computed once. Seeded, on the CPU. The one that ships has not learnt the samples' library.

For each fold of whole libraries there is also a retriever that has seen neither these libraries nor their authors: the
accept model is fitted, and all figures are taken, on what those say.
"""

import copy
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from notesense.chunking import split_note
from notesense.evaluation.cases import Case
from notesense.solutions.library import load_library
from notesense.solutions.match import queries_of
from notesense.solutions.passages import split_solution
from training.matching import need_of
from training.tune import DIMENSION, batches_of, first, load_bert

FOLDS = 2
MOST_TOKENS = 254
"""Of a text, beside the two special tokens."""


class Recipe(NamedTuple):
    """Hyperparameters."""

    epochs: int = 3
    rate: float = 1e-4
    layers: int = 3
    """Upper layers that are trained."""
    dropout: float = 0.1
    sharpness: float = 20.0
    """By which cosines are multiplied before the softmax."""
    evidence: int = 64
    """Needs, of whole notes, whose evidence and statements are told apart at a time."""
    needs: int = 24
    """Needs of one library at a time."""
    cases: int = 16
    """Cases among which theirs are found: those that fit, and others at random."""
    seed: int = 7


RECIPE = Recipe()


class Shelf(NamedTuple):
    """A solution library, and the notes whose needs were labelled with its cases."""

    library: Path
    cases: list[Case]


class Wanted(NamedTuple):
    """A labelled need of a library: texts by number."""

    queries: list[list[int]]
    """Its evidence, the sentences around, its statement."""
    fits: list[int]
    """Places of the solutions that fit; a need without any says nothing of where to look."""


class Retrieval(NamedTuple):
    """What fine-tuning gives."""

    layers: nn.ModuleList
    """The upper layers, trained on all libraries but one."""
    held_out: list[nn.ModuleList]
    """By fold, trained without its libraries."""
    fold_of: dict[str, int]
    """Fold of each author batch with labelled solutions."""


class Texts:
    """Texts by number, and what the frozen layers make of those that are learnt from.

    Args:
        tokenizer: The bundle's tokenizer.
        layers: Number of upper layers that are not frozen.
    """

    def __init__(self, tokenizer: Any, layers: int) -> None:
        self._tokenizer = tokenizer
        bert = load_bert()
        self._embeddings = bert.embeddings
        self._lower, self.upper = bert.encoder.layer[:-layers], bert.encoder.layer[-layers:]
        self._numbers: dict[str, int] = {}
        self._states: dict[int, torch.Tensor] = {}

    def number(self, text: str) -> int:
        """Return the number of a text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def told(self, libraries: Sequence["Library"]) -> list[Any]:
        """Return the words of libraries and of what is wanted of them."""
        words = list(self._numbers)
        return [
            (
                [[words[i] for i in solution] for solution in library.passages],
                [([[words[i] for i in query] for query in need.queries], need.fits) for need in library.wanted],
            )
            for library in libraries
        ]

    @torch.no_grad()
    def _read(self, numbers: Sequence[int]) -> None:
        texts = list(self._numbers)
        start, end = (self._tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
        for number in numbers:
            if number not in self._states:
                tokens = self._tokenizer.encode(texts[number], add_special_tokens=False).ids[:MOST_TOKENS]
                hidden = self._embeddings(input_ids=torch.tensor([[start, *tokens, end]]))
                for layer in self._lower:
                    hidden = first(layer(hidden, None))
                self._states[number] = hidden[0].half()

    def directions(self, layers: nn.ModuleList, groups: Sequence[Sequence[int]], dropout: float = 0.0) -> torch.Tensor:
        """Return the mean direction of each group of texts, shape (groups, dimension)."""
        numbers = list(dict.fromkeys(number for group in groups for number in group))
        places = {number: place for place, number in enumerate(numbers)}
        means = torch.zeros(len(groups), len(numbers))
        for row, group in enumerate(groups):
            for number in group:
                means[row, places[number]] += 1
        return nn.functional.normalize(means @ self._vectors(layers, numbers, dropout), dim=1)

    def _vectors(self, layers: nn.ModuleList, numbers: Sequence[int], dropout: float) -> torch.Tensor:
        self._read(numbers)
        lengths = [len(self._states[number]) for number in numbers]
        order = sorted(range(len(numbers)), key=lengths.__getitem__)
        vectors = torch.zeros(len(numbers), DIMENSION)
        for batch in batches_of(order, lengths):
            states = [self._states[numbers[i]] for i in batch]
            hidden = torch.zeros(len(batch), len(states[-1]), DIMENSION)
            mask = torch.zeros(len(batch), len(states[-1]))
            for row, state in enumerate(states):
                hidden[row, : len(state)] = state.float()
                mask[row, : len(state)] = 1
            for layer in layers:
                hidden = first(layer(hidden, (1.0 - mask[:, None, None, :]) * -1e9))
            pooled = (nn.functional.dropout(hidden, dropout) * mask[:, :, None]).sum(dim=1)
            vectors = vectors.index_add(0, torch.tensor(batch), nn.functional.normalize(pooled, dim=1))
        return vectors


class Library(NamedTuple):
    """A library and its labelled needs, texts by number."""

    passages: list[list[int]]
    """Of each solution."""
    wanted: list[Wanted]


def fit_retrievers(
    shelves: Sequence[Shelf], strange: Path, cases: Sequence[Case], tokenizer: Any, cache: Path, recipe: Recipe = RECIPE
) -> Retrieval:
    """Train the retriever that ships, and one for each fold of libraries.

    Args:
        shelves: Libraries with labelled needs.
        strange: The library that the one that ships does not learn: that of the samples, which so is to it what a user's is,
            and for which the accept model is right.
        cases: All labelled notes: what evidence says is learnt from those without a library, too.
        tokenizer: The bundle's tokenizer.
        cache: A folder where trained retrievers are kept, by what they were trained on.
        recipe: Hyperparameters.
    """
    torch.set_num_threads(2)
    texts = Texts(tokenizer, recipe.layers)
    folds = folds_of(shelves)
    fold_of = {case.batch: fold for shelf, fold in zip(shelves, folds, strict=True) for case in shelf.cases}
    libraries = [_library(shelf, texts) for shelf in shelves]
    found = []
    for held in range(FOLDS):
        known = [library for library, fold in zip(libraries, folds, strict=True) if fold != held]
        told = [case for case in cases if fold_of.get(case.batch) != held]
        found.append(_train_or_load(texts, known, told, cache, recipe))
    known = [library for library, shelf in zip(libraries, shelves, strict=True) if shelf.library != strange]
    found.append(_train_or_load(texts, known, cases, cache, recipe))
    return Retrieval(found[-1], found[:-1], fold_of)


def folds_of(shelves: Sequence[Shelf]) -> list[int]:
    """Assign whole libraries to folds with about as many labelled needs."""
    sizes = [sum(len(case.needs) for case in shelf.cases) for shelf in shelves]
    loads, folds = [0] * FOLDS, [0] * len(shelves)
    for i in sorted(range(len(shelves)), key=lambda i: -sizes[i]):
        folds[i] = loads.index(min(loads))
        loads[folds[i]] += sizes[i]
    return folds


def _library(shelf: Shelf, texts: Texts) -> Library:
    solutions = load_library(shelf.library)
    places = {solution.id: i for i, solution in enumerate(solutions)}
    wanted = []
    for case in shelf.cases:
        sentences = split_note(case.note)
        for gold in case.needs:
            if fits := [places[name] for name in gold.solutions]:
                evidence, context, _ = queries_of(case.note, sentences, need_of(case.note, gold.spans))
                queries = [[texts.number(text) for text in query] for query in (evidence, context, [gold.statement])]
                wanted.append(Wanted(queries, fits))
    return Library([[texts.number(p.text) for p in split_solution(s)] for s in solutions], wanted)


def fingerprint_of(layers: nn.ModuleList) -> str:
    """Return the name of a retriever: another one for other weights, as their vectors cannot be compared."""
    digest = hashlib.sha256()
    for name, values in sorted(layers.state_dict().items()):
        digest.update(name.encode() + values.numpy().tobytes())
    return f"minilm-l6-retriever/{digest.hexdigest()[:12]}"


def _train_or_load(
    texts: Texts, libraries: Sequence[Library], cases: Sequence[Case], cache: Path, recipe: Recipe
) -> nn.ModuleList:
    layers = copy.deepcopy(texts.upper)
    content = repr((recipe, [(c.name, c.note.text, c.needs) for c in cases], texts.told(libraries)))
    path = cache / f"retriever-{hashlib.sha256(content.encode()).hexdigest()[:20]}.pt"
    if path.exists():
        layers.load_state_dict(torch.load(path, weights_only=True))
        return layers.eval()
    print(f"  retriever: {len(libraries)} libraries, {len(cases)} notes", flush=True)
    _train(layers, texts, libraries, cases, recipe)
    cache.mkdir(parents=True, exist_ok=True)
    torch.save(layers.state_dict(), path)
    return layers.eval()


def _train(
    layers: nn.ModuleList, texts: Texts, libraries: Sequence[Library], cases: Sequence[Case], recipe: Recipe
) -> None:
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    notes = [
        [([texts.number(case.note.text[s.start : s.end]) for s in gold.spans], [texts.number(gold.statement)]) for gold in case.needs]
        for case in cases
    ]  # fmt: skip
    epochs = [_steps(notes, libraries, recipe, random) for _ in range(recipe.epochs)]
    optimizer = torch.optim.AdamW(layers.parameters(), lr=recipe.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=sum(map(len, epochs)) + 1, pct_start=0.1, anneal_strategy="linear"
    )
    layers.train()
    for number, steps in enumerate(epochs, start=1):
        started, total = time.time(), 0.0
        for step in steps:
            if isinstance(step, list):
                loss = _loss_of_statements(layers, texts, step, recipe)
            else:
                loss = _loss_of_cases(layers, texts, *step, recipe, random)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(layers.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"    epoch {number}: loss {total / len(steps):.3f}, {time.time() - started:.0f} s", flush=True)


def _steps(
    notes: Sequence[Any], libraries: Sequence[Library], recipe: Recipe, random: np.random.Generator
) -> list[Any]:
    """Return an epoch's steps in random order: needs of a few notes, or some needs of a library with it."""
    steps: list[Any] = []
    told: list[Any] = []
    for i in random.permutation(len(notes)):
        told += notes[i]
        if len(told) >= recipe.evidence:
            steps.append(told)
            told = []
    for library in libraries:
        order = random.permutation(len(library.wanted))
        steps += [
            (library, [library.wanted[i] for i in order[at : at + recipe.needs]])
            for at in range(0, len(order), recipe.needs)
        ]
    return [steps[i] for i in random.permutation(len(steps))]


def _loss_of_statements(layers: nn.ModuleList, texts: Texts, told: Sequence[Any], recipe: Recipe) -> torch.Tensor:
    both = texts.directions(layers, [e for e, _ in told] + [s for _, s in told], recipe.dropout)
    scores = both[: len(told)] @ both[len(told) :].T * recipe.sharpness
    right = torch.arange(len(told))
    ahead, back = (nn.functional.cross_entropy(s, right) for s in (scores, scores.T))
    return (ahead + back) / 2


def _loss_of_cases(
    layers: nn.ModuleList, texts: Texts, library: Library, wanted: Sequence[Wanted], recipe: Recipe,
    random: np.random.Generator,
) -> torch.Tensor:  # fmt: skip
    fitting = {i for need in wanted for i in need.fits}
    others = [i for i in random.permutation(len(library.passages)).tolist() if i not in fitting]
    chosen = sorted(fitting | set(others[: max(0, recipe.cases - len(fitting))]))
    queries = [need.queries[int(random.integers(len(need.queries)))] for need in wanted]
    passages = [[number] for i in chosen for number in library.passages[i]]
    owners = torch.tensor([place for place, i in enumerate(chosen) for _ in library.passages[i]])
    both = texts.directions(layers, queries + passages, recipe.dropout)
    cosines = both[: len(queries)] @ both[len(queries) :].T
    scores = torch.full((len(queries), len(chosen)), -9.0).scatter_reduce(
        1, owners.expand(len(queries), -1), cosines, "amax", include_self=False
    )
    fits = torch.tensor([[float(i in need.fits) for i in chosen] for need in wanted])
    shares = fits / fits.sum(dim=1, keepdim=True)
    return -(shares * torch.log_softmax(scores * recipe.sharpness, dim=1)).sum(dim=1).mean()
