"""Run a peer in an environment of its own, and read its time."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-peers" / "bin" / "python"


def peer_seconds(workload: str, peer: str, *arguments: str) -> float | None:
    """Seconds that the peer takes for the workload; None where it is not installed."""
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
    return json.loads(done.stdout.strip().splitlines()[-1])["seconds"]


def make_environment() -> None:
    """Install the peers into `.venv-peers`."""
    subprocess.run([sys.executable, "-m", "venv", str(ROOT / ".venv-peers")], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, "torch"], check=True)
    subprocess.run(
        [*pip, "keras", "jax", "tensorflow-cpu", "lightning", "skorch", "scikit-learn", "pandas"],
        check=True,
    )
