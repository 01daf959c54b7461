"""Fit the small models of the account view on labelled archives, and say how good they are on clients they did not see.

    python -m training.accounts            (part of make train)

Threads (two models: statements in an engine's own words, and quotes), the sound of an end (on eval/endings.jsonl), what
settles a thread, and what tells of a case. Thresholds and figures come from leaving out one client at a time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from notesense.accounts import AccountBuilder, Meeting
from notesense.accounts.meetings import Occurrence, Rarity, Reading
from notesense.accounts.settle import SETTLE_FEATURES, Later, SettleModel, Subject, settle_features
from notesense.accounts.sounds import SOUNDS, Sounds, write_sounds
from notesense.accounts.threads import Threading, thread_features
from notesense.accounts.told import Telling, encode_cases
from notesense.domain.solutions import Solution
from notesense.encoding.bundle import load_bundle, write_manifest
from notesense.encoding.encoder import Encoder, Vectors
from notesense.encoding.logistic import Logistic
from notesense.engines.local.lexical import Lexicon, build_lexicon
from notesense.evaluation.accounts import names_of, tally_accounts
from notesense.evaluation.archives import GoldArchive, GoldThread, gold_meeting, load_archive
from notesense.evaluation.cases import Case
from notesense.evaluation.scorecard import Scores, score_tallies
from notesense.evaluation.tally import Tally
from notesense.solutions.library import load_library

ROOT = Path(__file__).parents[1]
BUNDLE = ROOT / "src/notesense/encoding/bundle"
ARCHIVES = ("eval/notes/archive", "eval/archives/advisers")
ENDINGS = ROOT / "eval/endings.jsonl"
LIBRARY = ROOT / "sample_notes/library"
LEAST_TEXTS = 3
"""Sentences in which a word must stand to be learnt."""
FALSE_END = 0.4
"""What a need that is wrongly said to be over costs beyond being wrong: nobody follows it up."""
SAME_WORDS = 0.6
"""Share of a sentence's words that stand in the labelled quote from which it is the one that settles."""
GRID = np.round(np.arange(0.1, 0.95, 0.05), 2)
Form = Literal["written", "quoted"]
FORMS: tuple[Form, Form] = ("written", "quoted")


class Client(NamedTuple):
    """One client of an archive, ready to be learnt from."""

    archive: GoldArchive
    slug: str
    meetings: dict[Form, list[Meeting]]
    others: dict[Form, list[Meeting]]
    """Those of the archive's other clients."""
    rarities: tuple[Rarity, Rarity]
    """Of words over the archive, and over the client's own notes: archives are large and small."""
    threads: list[GoldThread]


class Models(NamedTuple):
    """Everything that is fitted."""

    threading: Threading
    settle: SettleModel
    told: Logistic


class Rows(NamedTuple):
    """Features and answers."""

    x: Any
    y: Any


def main() -> None:
    """Fit, choose, report, write into the bundle."""
    encoder = Encoder(load_bundle(BUNDLE), remember=200_000)
    solutions = {solution.id: solution for solution in load_library(LIBRARY)}
    clients = list(load_clients(solutions))
    models = fit(clients, encoder, encode_cases(solutions.values(), encoder.encode), solutions)
    for form in FORMS:
        print(f"\nleft out one at a time, {form} statements, {len(clients)} clients")
        for name, estimate in left_out(clients, encoder, solutions, form).metrics.items():
            print(
                f"  {name:24} {estimate.value} [{estimate.low}, {estimate.high}] {estimate.numerator:g}/{estimate.denominator:g}"
            )
    write(models)


def load_clients(solutions: Mapping[str, Solution]) -> Iterator[Client]:
    """Yield every client of the archives."""
    for folder in ARCHIVES:
        archive = load_archive(ROOT / folder)
        everything = {form: [_meeting(case, solutions, form) for case in archive.cases] for form in FORMS}
        for client in archive.clients:
            own = {case.name for case in archive.cases if case.batch == client.slug}
            meetings = {form: [m for m in everything[form] if m.key in own] for form in FORMS}
            others = {form: [m for m in everything[form] if m.key not in own] for form in FORMS}
            rarities = (Rarity(m.text for m in everything["written"]), Rarity(m.text for m in meetings["written"]))
            yield Client(archive, client.slug, meetings, others, rarities, archive.threads_of(client.slug))


def fit(
    clients: Sequence[Client],
    encoder: Encoder,
    cases: Mapping[str, Vectors],
    solutions: Mapping[str, Solution],
) -> Models:
    """Fit every model on some clients; thresholds by leaving out one of them at a time."""
    threading = Threading(*(fit_threads(clients, encoder, form) for form in FORMS))
    return Models(threading, fit_settle(clients, encoder), fit_told(clients, encoder, cases, solutions))


def fit_threads(clients: Sequence[Client], encoder: Encoder, form: Form) -> Logistic:
    """Fit the pair model of one kind of statements."""
    rows = [_thread_rows(client, encoder, form) for client in clients]
    model = _logistic(rows)
    best = max(GRID, key=lambda t: _f1_left_out(rows, t))
    return Logistic(*_parameters(model), threshold=float(best))


def fit_settle(clients: Sequence[Client], encoder: Encoder) -> SettleModel:
    """Fit the model of what settles a thread. No client's sounds are by a model that has heard them."""
    heard = [[c for c in clients if c is not client] for client in clients]
    rows = [
        _settle_rows(client, encoder, fit_sounds(others, encoder))
        for client, others in zip(clients, heard, strict=True)
    ]
    flat = [Rows(np.vstack([r.x for r in own]), np.concatenate([r.y for r in own])) for own in rows]
    model = _logistic(flat)
    best, most = 0.5, -1.0
    scores = []  # of each thread of each client left out: highest probability, is it settled, is the highest one right
    for i, own in enumerate(rows):
        other = _logistic([f for j, f in enumerate(flat) if j != i])
        for thread in own:
            likely = other.predict_proba(thread.x)[:, 1] if len(thread.x) else np.zeros(1)
            scores.append((likely.max(), bool(thread.y.any()), bool(len(thread.y) and thread.y[likely.argmax()])))
    for threshold in np.quantile([s[0] for s in scores], np.linspace(0.05, 0.95, 46)):
        false_ends = float(np.mean([likely >= threshold and not ends for likely, ends, _ in scores]))
        right = float(np.mean([(likely >= threshold) == ends for likely, ends, _ in scores])) - FALSE_END * false_ends
        if right > most:
            best, most = float(threshold), right
    top = np.mean([right for _, ends, right in scores if ends])
    print(
        f"settle: {most:.2f} of {len(scores)} threads; the nearest sentence is the right one for {top:.2f} of those that end"
    )
    return SettleModel(Logistic(*_parameters(model), round(best, 5)), fit_sounds(clients, encoder))


def fit_told(
    clients: Sequence[Client], encoder: Encoder, cases: Mapping[str, Vectors], solutions: Mapping[str, Solution]
) -> Logistic:
    """Fit the model of what tells of a case: the nearest words over the notes of a thread."""
    telling = Telling(cases, Logistic((0.0,), 0.0, 0.5))
    x, y = [], []
    for client in clients:
        for thread in client.threads:
            mentions = [(o, Reading(o.meeting, encoder.encode)) for o in _occurrences(client, "written", thread.id)]
            for solution in thread.solutions if thread.told is not None else ():
                lead = solutions[solution].lead
                found = [near for o, reading in mentions if (near := telling.nearest(o, solution, lead, reading))]
                if found:
                    x.append([max(likeness for _, likeness in found)])
                    y.append(thread.told)
    model = LogisticRegression(C=10.0, max_iter=2000).fit(x, y)
    print(f"told: {model.score(x, y):.2f} of {len(y)} (fitted ones)")
    return Logistic(*_parameters(model), threshold=0.5)


def fit_sounds(clients: Sequence[Client], encoder: Encoder) -> Sounds:
    """Return the softmax that tells how a sentence sounds.

    Learnt from written examples and from every sentence of the clients' notes: those that are labelled as an end, and the
    rest.
    """
    examples = [json.loads(line) for line in ENDINGS.read_text(encoding="utf-8").splitlines()]
    texts, labels = [e["text"] for e in examples], [SOUNDS.index(e["label"]) for e in examples]
    for client in clients:
        for meeting in client.meetings["written"]:
            for sentence in Reading(meeting, encoder.encode).sentences:
                texts.append(sentence.text)
                labels.append(_sound_of(sentence.text, client, meeting))
    known = build_lexicon(texts, LEAST_TEXTS, len(texts))
    words, idf = known.words, known.idf[: len(known.words)]
    lexicon = Lexicon(words, (), idf)
    rows = [lexicon.weigh(text) for text in texts]
    columns = np.concatenate([row.columns for row in rows])
    starts = np.cumsum([0, *(len(row.columns) for row in rows)])
    weights = sparse.csr_matrix(
        (np.concatenate([row.weights for row in rows]), columns, starts), (len(texts), len(words))
    )
    both = sparse.hstack([sparse.csr_matrix(encoder.encode(texts)), weights]).tocsr()
    model = LogisticRegression(C=3.0, max_iter=3000, class_weight="balanced").fit(both, labels)
    coefficients = model.coef_.astype(np.float32)
    size = encoder.dimension
    return Sounds(
        tuple(words), idf, coefficients[:, :size], coefficients[:, size:], model.intercept_.astype(np.float32)
    )


def _sound_of(sentence: str, client: Client, meeting: Meeting) -> int:
    for thread in client.threads:
        if meeting.key.rsplit("/", 1)[-1] == thread.settled_by and _is_of(sentence, thread.settled_quote or ""):
            return SOUNDS.index("withdrawn" if thread.status == "withdrawn" else "settled")
    return SOUNDS.index("open")


def left_out(clients: Sequence[Client], encoder: Encoder, solutions: Mapping[str, Solution], form: Form) -> Scores:
    """Return the metrics of each client by models that were fitted on the others."""
    cases = encode_cases(solutions.values(), encoder.encode)
    tallies: list[Tally] = []
    for i, client in enumerate(clients):
        models = fit([c for j, c in enumerate(clients) if j != i], encoder, cases, solutions)
        builder = AccountBuilder(encoder, names_of(client.archive), solutions.values(), cases, None, *models)
        meetings = client.meetings[form] + client.others[form]
        tallies += [t for t in tally_accounts(client.archive, meetings, builder) if t.case == client.slug]
    for name in dict.fromkeys(tally.batch for tally in tallies):
        scores = score_tallies([tally for tally in tallies if tally.batch == name]).metrics
        shown = ", ".join(f"{m} {scores[m].value}" for m in ("thread.f1", "status.accuracy"))
        print(f"  of {name}: {shown}")
    return score_tallies(tallies)


def write(models: Models) -> None:
    """Write the models into the bundle, and its manifest anew."""
    path = BUNDLE / "decisions.json"
    decisions = json.loads(path.read_text(encoding="utf-8"))
    for form, model in zip(FORMS, models.threading, strict=True):
        decisions[f"thread_{form}"] = model._asdict()
    decisions["settle"] = models.settle.decision._asdict()
    decisions["told"] = models.told._asdict()
    path.write_text(json.dumps(decisions, indent=1) + "\n", encoding="utf-8")
    write_sounds(BUNDLE / "sounds.npz", models.settle.sounds)
    manifest = json.loads((BUNDLE / "manifest.json").read_text(encoding="utf-8"))
    names = list(dict.fromkeys([*manifest.pop("files"), "sounds.npz"]))
    del manifest["layout"]
    write_manifest(BUNDLE, manifest, names)


def _meeting(case: Case, solutions: Mapping[str, Solution], form: Form) -> Meeting:
    return gold_meeting(case, dict(solutions) if case.has_solutions else {}, form)


def _thread_rows(client: Client, encoder: Encoder, form: Form) -> Rows:
    found = [Occurrence(m, need) for m in client.meetings[form] for need in m.needs]
    thread_of = [_thread_of(client, o) for o in found]
    both = [thread_features(found, rarity, encoder) for rarity in client.rarities]
    pairs = [(i, j) for i, j in combinations(range(len(found)), 2) if found[i].meeting.key != found[j].meeting.key]
    same = [thread_of[i] == thread_of[j] for i, j in pairs]
    return Rows(np.array([features[i, j] for features in both for i, j in pairs]), np.array([*same, *same]))


def _settle_rows(client: Client, encoder: Encoder, sounds: Sounds) -> list[Rows]:
    """Return the rows of each thread: every sentence of the later notes, and whether it is the one that settles.

    Each thread comes with both kinds of statements, and in a large and a small archive.
    """
    meetings = sorted(client.meetings["written"], key=lambda m: m.order)
    later = [Later(Reading(meeting, encoder.encode), sounds) for meeting in meetings]
    return [
        _settle_rows_of(thread, _occurrences(client, form, thread.id), later, rarity, encoder)
        for thread in client.threads for form in FORMS for rarity in client.rarities
    ]  # fmt: skip


def _settle_rows_of(
    thread: GoldThread, mentions: list[Occurrence], later: list[Later], rarity: Rarity, encoder: Encoder
) -> Rows:
    last, subject = mentions[-1].meeting.date, Subject.of(mentions, encoder)
    x, y = [np.zeros((0, len(SETTLE_FEATURES)))], []
    for one in later:
        if last and one.meeting.date and one.meeting.date > last and one.sentences:
            x.append(settle_features(subject, one, rarity))
            is_it = one.meeting.key.rsplit("/", 1)[-1] == thread.settled_by
            y += [is_it and _is_of(s.text, thread.settled_quote or "") for s in one.sentences]
    return Rows(np.vstack(x), np.array(y, bool))


def _is_of(sentence: str, quote: str) -> bool:
    words = set(sentence.split())
    return len(words & set(quote.split())) >= SAME_WORDS * len(words)


def _occurrences(client: Client, form: Form, thread: str) -> list[Occurrence]:
    meetings = sorted(client.meetings[form], key=lambda m: m.order)
    found = [Occurrence(m, need) for m in meetings for need in m.needs]
    return [o for o in found if _thread_of(client, o) == thread]


def _thread_of(client: Client, occurrence: Occurrence) -> str | None:
    case = next(c for c in client.archive.cases if c.name == occurrence.meeting.key)
    return next(need.thread for need in case.needs if need.id == occurrence.need.id)


def _f1_left_out(rows: Sequence[Rows], threshold: float) -> float:
    right = said = true = 0
    for i, own in enumerate(rows):
        likely = _logistic([r for j, r in enumerate(rows) if j != i]).predict_proba(own.x)[:, 1] > threshold
        right += int((likely & own.y).sum())
        said += int(likely.sum())
        true += int(own.y.sum())
    return 2 * right / max(1, said + true)


def _logistic(rows: Sequence[Rows]) -> LogisticRegression:
    x, y = np.vstack([r.x for r in rows]), np.concatenate([r.y for r in rows])
    return LogisticRegression(C=10.0, max_iter=5000).fit(x, y)


def _parameters(model: LogisticRegression) -> tuple[tuple[float, ...], float]:
    return tuple(round(float(w), 5) for w in model.coef_[0]), round(float(model.intercept_[0]), 5)


if __name__ == "__main__":
    main()
