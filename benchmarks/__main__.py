"""Run all benchmarks, or those named: `python -m benchmarks [NAME ...] [--peers]`."""

import argparse
import importlib

from benchmarks import _peers

NAMES = (
    "import_time",
    "layer_call",
    "predict",
    "predict_one_row",
    "iris_mlp",
    "many_seeds",
    "notes_cells",
    "convolution",
    "tables_speed",
    "tables",
    "mnist",
    "cifar10",
    "image_layers",
)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}")
    parser.add_argument(
        "--peers", action="store_true", help="install the peers into .venv-peers first (2 GB)"
    )
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in NAMES:
            parser.error(f"unknown benchmark {name!r}; available: {', '.join(NAMES)}")
    if arguments.peers:
        _peers.make_environment()
    for name in arguments.names or NAMES:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
