import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from notesense.encoding.encoder import shared_retriever
from notesense.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexUnwritableError,
    SolutionsError,
)
from notesense.solutions import index as index_module
from notesense.solutions import store
from notesense.solutions.index import LAYOUT, SolutionIndex, current_generation, open_index, read_manifest
from notesense.solutions.passages import split_solution
from tests.solutions.examples import PASSAGES, SMALL, CountingEncoder, build, generations, solution


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small library. Tests copy it."""
    root = tmp_path_factory.mktemp("built") / "index"
    build(root, SMALL)
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """A copy of the index, to change."""
    return Path(shutil.copytree(built, tmp_path / "copy"))


def opened(root: Path) -> SolutionIndex:
    return open_index(root, shared_retriever())


def sound(index: SolutionIndex) -> bool:
    """Tell whether every passage stands beside its own vector, in order of the solutions."""
    passages = [passage for example in index.solutions for passage in split_solution(example)]
    return list(index.passages) == passages and np.allclose(
        index.vectors, shared_retriever().encode([passage.text for passage in passages]), atol=1e-5
    )


def generation(root: Path) -> Path:
    return root / "generations" / str(current_generation(root))


def test_an_index_holds_the_solutions_their_passages_and_a_vector_for_each(built: Path) -> None:
    index = opened(built)
    assert list(index.solutions) == SMALL
    assert len(index.passages) == len(SMALL) * PASSAGES
    assert sound(index)
    assert np.allclose(np.linalg.norm(index.vectors, axis=1), 1, atol=1e-5)
    assert index.manifest.layout == LAYOUT
    assert index.manifest.dimension == index.vectors.shape[1]
    assert index.manifest.source == "by hand"


def test_the_sample_library_survives_the_store(sample_index: Path) -> None:
    index = opened(sample_index)
    assert len(index.solutions) == 59
    assert sound(index)


def test_there_is_no_index_where_none_was_built(tmp_path: Path) -> None:
    for place in (tmp_path / "nothing", tmp_path):
        with pytest.raises(IndexMissingError) as caught:
            opened(place)
        assert str(place) in caught.value.message
        assert "notesense index build" in caught.value.hint
    assert not (tmp_path / "nothing").exists()


def test_what_has_not_changed_is_not_embedded_again(root: Path) -> None:
    encoder = CountingEncoder()
    result = build(root, SMALL, encoder)
    assert encoder.texts == []
    assert (result.solutions, result.embedded, result.unchanged, result.removed) == (4, 0, 4, 0)
    assert sound(opened(root))


def test_what_has_changed_is_embedded_again_and_nothing_else(root: Path) -> None:
    changed = SMALL[1].model_copy(update={"summary": "The pump was taken out."})
    encoder = CountingEncoder()
    result = build(root, [SMALL[0], changed, *SMALL[2:]], encoder)
    assert encoder.texts == [passage.text for passage in split_solution(changed)]
    assert (result.embedded, result.unchanged, result.removed) == (1, 3, 0)
    assert opened(root).solutions[1].summary == "The pump was taken out."
    assert sound(opened(root))


def test_new_ones_come_in_and_removed_ones_go(root: Path) -> None:
    new = solution("A-9", "library")
    encoder = CountingEncoder()
    result = build(root, [*SMALL[1:], new], encoder)
    assert encoder.texts == [passage.text for passage in split_solution(new)]
    assert (result.solutions, result.embedded, result.unchanged, result.removed) == (4, 1, 3, 1)
    index = opened(root)
    assert [s.id for s in index.solutions] == ["A-1", "A-2", "A-3", "A-9"]
    assert "A-0" not in {passage.solution_id for passage in index.passages}
    assert sound(index)


def test_another_order_of_the_library_moves_the_vectors_along(root: Path) -> None:
    encoder = CountingEncoder()
    build(root, SMALL[::-1], encoder)
    assert encoder.texts == []
    assert [s.id for s in opened(root).solutions] == ["A-3", "A-2", "A-1", "A-0"]
    assert sound(opened(root))


def test_the_generation_before_the_current_one_is_kept_and_older_ones_are_swept(root: Path) -> None:
    names = [str(current_generation(root))] + [build(root, SMALL[: 1 + n]).generation for n in range(3)]
    assert current_generation(root) == names[-1]
    assert generations(root) == set(names[-2:])


def test_a_failing_build_leaves_the_old_index_as_it_was(root: Path) -> None:
    class BrokenEncoder(CountingEncoder):
        def encode(self, texts: object) -> object:  # type: ignore[override]
            raise MemoryError

    before = current_generation(root)
    with pytest.raises(MemoryError):
        build(root, [solution("A-9", "library")], BrokenEncoder())
    assert current_generation(root) == before
    assert list(opened(root).solutions) == SMALL
    assert build(root, SMALL).unchanged == 4  # and the lock is free


def test_half_a_generation_is_ignored_and_the_next_build_sweeps_it(root: Path) -> None:
    half = root / "generations" / "20990101T000000000000-deadbeef"
    shutil.copytree(generation(root), half)
    (half / "manifest.json").unlink()
    (root / "CURRENT.new").write_text(half.name)
    assert list(opened(root).solutions) == SMALL
    result = build(root, SMALL[:2])
    assert half.name not in generations(root)
    assert current_generation(root) == result.generation
    assert len(opened(root).solutions) == 2


def test_current_moves_in_one_step_or_not_at_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (root / "CURRENT").read_bytes()

    def replace(source: Path, target: Path) -> None:
        assert source.read_text() in generations(root)
        assert (root / "generations" / source.read_text() / "manifest.json").exists()
        assert target == root / "CURRENT"
        raise OSError("the power went")

    monkeypatch.setattr(index_module.os, "replace", replace)
    with pytest.raises(IndexUnwritableError, match="the power went"):
        build(root, SMALL[:1])
    monkeypatch.undo()
    assert (root / "CURRENT").read_bytes() == before
    assert list(opened(root).solutions) == SMALL


def test_a_reader_always_finds_a_whole_generation_under_current(root: Path) -> None:
    done = threading.Event()
    seen: list[str] = []
    faults: list[str] = []

    def read() -> None:
        while not done.is_set():
            name = (root / "CURRENT").read_text()
            seen.append(name)
            folder = root / "generations" / name
            if not (folder / "manifest.json").exists() and (root / "CURRENT").read_text() == name:
                faults.append(name)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for count in (1, 2, 3, 4):
            build(root, SMALL[:count])
    finally:
        done.set()
        reader.join()
    assert faults == []
    assert len(set(seen)) > 2


def test_vectors_of_another_encoder_are_refused_and_made_anew(root: Path) -> None:
    other = CountingEncoder(fingerprint="another-encoder")
    with pytest.raises(IndexMismatchError) as caught:
        open_index(root, other)
    assert "another encoder" in caught.value.message
    assert "notesense index build" in caught.value.hint
    assert caught.value.exit_code == 6
    assert build(root, SMALL, other).embedded == 4
    assert len(other.texts) == 4 * PASSAGES
    open_index(root, other)
    with pytest.raises(IndexMismatchError):
        opened(root)


def test_another_layout_is_refused_and_built_anew(root: Path) -> None:
    path = generation(root) / "manifest.json"
    path.write_text(path.read_text().replace(LAYOUT, "notesense.index/99"))
    for read in (opened, read_manifest):
        with pytest.raises(IndexMismatchError, match=r"notesense\.index/99"):
            read(root)
    assert build(root, SMALL).embedded == 4
    assert sound(opened(root))


Damage = Callable[[Path], object]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbled(path: Path) -> None:
    path.write_bytes(b"\xff\x00garbage" * 50)


def gone(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def saying(content: str) -> Damage:
    def write(path: Path) -> None:
        path.write_text(content)

    write.__name__ = f"saying {content}"
    return write


def losing_one(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text())[1:]))


CSC = "lexical/data.csc.index.npy"
DAMAGE = [
    *[("manifest.json", how) for how in (cut, emptied, garbled, gone, saying("[]"), saying("null"))],
    *[("solutions.json", how) for how in (cut, emptied, garbled, gone, saying("5"), saying("[]"), losing_one)],
    *[("chroma/chroma.sqlite3", how) for how in (cut, emptied, garbled, gone)],
    *[(CSC, how) for how in (cut, emptied, garbled, gone)],
    *[("lexical/vocab.index.json", how) for how in (cut, emptied, garbled, gone)],
    ("lexical", gone),
    ("chroma", gone),
    (".", gone),
]


@pytest.mark.parametrize(("name", "how"), DAMAGE, ids=lambda value: getattr(value, "__name__", value))
def test_a_damaged_index_says_so_and_can_be_built_again(root: Path, name: str, how: Damage) -> None:
    how(generation(root) / name)
    try:
        with pytest.raises(IndexDamagedError) as caught:
            opened(root)
        assert str(root) in caught.value.message
        assert "notesense index build" in caught.value.hint
        assert caught.value.exit_code == 6
    finally:
        build(root, SMALL)
        assert list(opened(root).solutions) == SMALL
        assert sound(opened(root))


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"20200101T000000000000-00000000"])
def test_a_current_file_that_names_no_generation_is_no_bug(root: Path, content: bytes) -> None:
    (root / "CURRENT").write_bytes(content)
    with pytest.raises((IndexMissingError, IndexDamagedError)) as caught:
        opened(root)
    assert "notesense index build" in caught.value.hint
    assert build(root, SMALL).embedded == 4
    assert sound(opened(root))


def test_opening_again_and_again_leaks_no_descriptor(root: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc")
    for _ in range(3):  # Chroma keeps a few of its own, once
        opened(root)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(8):
        opened(root)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


def test_a_build_that_waits_too_long_for_another_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "BUILD_WAIT_SECONDS", 0.1)
    with FileLock(root / "build.lock"), pytest.raises(IndexBusyError) as caught:
        build(root, SMALL)
    assert str(root) in caught.value.message
    assert caught.value.hint


def test_a_store_that_somebody_keeps_open_too_long_is_an_error_with_a_name(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.1)
    with FileLock(generation(root) / "open.lock"), pytest.raises(SolutionsError) as caught:
        opened(root)
    assert str(root) in caught.value.message


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_where_no_folder_can_be_is_an_error_with_a_name(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SolutionsError) as caught:
        build(tmp_path / place, SMALL)
    assert place in caught.value.message


@pytest.mark.skipif(os.name != "posix", reason="no modes")
def test_an_index_is_readable_by_the_user_alone(built: Path) -> None:
    assert built.stat().st_mode & 0o777 == 0o700


def test_a_manifest_names_the_digest_of_every_solution(built: Path) -> None:
    name, manifest, solutions = read_manifest(built)
    assert name == current_generation(built)
    assert list(manifest.digests) == [s.id for s in solutions]
    assert len(set(manifest.digests.values())) == len(SMALL)


def test_a_library_without_a_content_word_has_an_index_all_the_same(tmp_path: Path) -> None:
    bare = solution("A", "the").model_copy(update={"title": "a", "summary": "it", "text": "we"})
    build(tmp_path / "index", [bare])
    assert [s.id for s in opened(tmp_path / "index").solutions] == ["A"]
