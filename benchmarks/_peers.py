"""Run a peer in an environment of its own, and read its time."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-peers" / "bin" / "python"


def peer_seconds(workload: str, peer: str, *arguments: str) -> float | None:
    """Seconds that the peer takes for the workload; None where it is not installed."""
    answer = peer_answer(workload, peer, *arguments)
    return None if answer is None else answer["seconds"]


def peer_answer(workload: str, peer: str, *arguments: str) -> dict[str, Any] | None:
    """What the peer says of the workload, seconds among it; None where it is not installed."""
    if not PYTHON.exists():
        return None
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    environment.pop("OMP_NUM_THREADS", None)
    if peer.startswith("keras-"):
        environment["KERAS_BACKEND"] = peer.removeprefix("keras-")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(PYTHON), "-m", "benchmarks._peer_main", workload, peer, *arguments],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        print(f"{peer}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def make_environment() -> None:
    """Install the peers into `.venv-peers`: torch and Keras as we have them, the rest as they ask.

    TensorFlow holds other packages back further than the versions of `constraints.txt`.
    """
    subprocess.run([sys.executable, "-m", "venv", str(ROOT / ".venv-peers")], check=True)
    pinned = (ROOT / "constraints.txt").read_text().splitlines()
    same = [line for line in pinned if line.startswith(("torch==", "keras==", "scikit-learn=="))]
    others = ["jax", "tensorflow-cpu", "lightning", "skorch", "pandas"]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *same, *others], check=True)
