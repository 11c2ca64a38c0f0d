"""`profond doctor`: versions, threads, devices, extras."""

import importlib.metadata
import os
import platform

_NEEDED = (
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "safetensors",
    "pydantic",
    "tomli-w",
    "typer",
    "rich",
    "matplotlib",
    "pillow",
    "jaxtyping",
)
_EXTRAS = {
    "polars": "polars tables",
    "openpyxl": "Excel files",
    "tensorboard": "TensorBoard logs",
    "h5py": ".keras files",
}


def doctor() -> None:
    """Show what profond finds on this machine: versions, threads, devices, extras."""
    import torch
    from rich.console import Console

    from profond import __version__

    console = Console(highlight=False)
    console.print(
        f"[bold]profond {__version__}[/], Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}"
    )
    absent = []
    console.print("\n[bold]Packages[/]")
    for name in _NEEDED:
        version = _version(name)
        absent += [name] if version is None else []
        console.print(f"  {name:<14}{version or '[red]absent[/]'}")
    console.print("\n[bold]Extras[/]")
    for name, use in _EXTRAS.items():
        version = _version(name)
        shown = version or "absent"
        console.print(f"  {name:<14}{shown:<12}{use}")
    console.print("\n[bold]Processor[/]")
    console.print(f"  cores         {_cores()}")
    console.print(f"  threads       {torch.get_num_threads()} (torch)")
    console.print(f"  instructions  {torch.backends.cpu.get_cpu_capability()}")
    console.print("\n[bold]Accelerators[/]")
    for line in _accelerators() or ["none: networks train on the processor"]:
        console.print(f"  {line}")
    if absent:
        raise RuntimeError(f"missing package(s): {', '.join(absent)}. Install: pip install profond")
    console.print("\nEverything that profond needs is here.")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _accelerators() -> list[str]:
    import torch

    lines = []
    for i in range(torch.cuda.device_count()):
        memory = torch.cuda.get_device_properties(i).total_memory / 2**30
        lines.append(f"cuda:{i}  {torch.cuda.get_device_name(i)}, {memory:.0f} GiB")
    if torch.backends.mps.is_available():
        lines.append("mps  Apple GPU")
    return lines
