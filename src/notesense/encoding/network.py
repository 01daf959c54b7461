"""The network of a bundle: token ids in, token vectors out. The only module that imports onnxruntime.

Three branches over common lower layers: the encoder is all-MiniLM-L6-v2 as it is; the detector and the retriever are
fine-tuned. One file, one session; a run computes the branch that is asked for.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

BATCH_TOKENS = 512
"""Tokens, padding included, that go through the network at once: bounds memory, and padding (30 % faster than 2048)."""

RUN_TOKENS = 20
"""Padding from which another run costs less: a run takes about as long as so many tokens, whatever is in it."""

Branch = Literal["encoder", "detector", "retriever"]


class Network:
    """An ONNX network with ``input_ids`` and ``attention_mask`` that is loaded when it is first run.

    Args:
        path: The ONNX file.
        threads: Threads of the network; None leaves it to onnxruntime (all cores).
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        self._path = path
        self._threads = threads

    def run(self, branch: Branch, sequences: Sequence[Sequence[int]]) -> Iterator[tuple[int, Vectors]]:
        """Yield the index of each sequence with its token vectors, shape (tokens, dimension); the shortest first."""
        order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
        for batch in _batches(order, sequences):
            ids = np.zeros((len(batch), len(sequences[batch[-1]])), np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                ids[row, : len(sequences[i])] = sequences[i]
                mask[row, : len(sequences[i])] = 1
            inputs = {"input_ids": ids, "attention_mask": mask}
            (tokens,) = self._session.run([branch], inputs, self._one_branch)
            yield from ((i, tokens[row, : len(sequences[i])]) for row, i in enumerate(batch))

    @cached_property
    def _one_branch(self) -> Any:
        import onnxruntime

        options = onnxruntime.RunOptions()
        options.only_execute_path_to_fetches = True
        return options

    @cached_property
    def _session(self) -> Any:
        # read at import: without it, onnxruntime leaves a device id and a telemetry store in the user's cache folder
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # threads that wait actively take the core on which Chroma is being imported
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if self._threads:
            options.intra_op_num_threads = self._threads
        return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])


def _batches(order: Sequence[int], sequences: Sequence[Sequence[int]]) -> list[list[int]]:
    """Cut sequences, the shortest first, into batches of at most BATCH_TOKENS with little padding."""
    batches: list[list[int]] = []
    longest = 0
    for i in order:  # in order of length, so the newest is the longest
        length = len(sequences[i])
        if (
            not batches
            or length * (len(batches[-1]) + 1) > BATCH_TOKENS
            or (length - longest) * len(batches[-1]) > RUN_TOKENS
        ):
            batches.append([])
        batches[-1].append(i)
        longest = length
    return batches
