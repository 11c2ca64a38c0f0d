"""What an import brings, and what it does without."""

import subprocess
import sys
from pathlib import Path

import pytest

import profond

SOURCE = Path(profond.__file__).parent

# Every module, in a process where none of the extras can be imported.
WITHOUT_EXTRAS = """
import importlib, sys
EXTRAS = (
    "polars", "fastexcel", "openpyxl", "optuna", "tensorboard", "keras", "h5py", "seaborn",
    "hypothesis"
)

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in EXTRAS:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def modules():
    for file in sorted(SOURCE.rglob("*.py")):
        parts = file.relative_to(SOURCE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_is_imported_without_the_extras():
    run(WITHOUT_EXTRAS, *modules())


@pytest.mark.slow
@pytest.mark.parametrize("first", ["layers", "losses", "callbacks", "Sequential", "Variable"])
def test_any_name_may_come_first(first):
    assert run(f"import profond; print(profond.{first} is not None)") == ["True"]


def test_all_names_are_there():
    assert set(profond.__all__) <= set(dir(profond))
    for name in profond.__all__:
        assert getattr(profond, name) is not None
    with pytest.raises(AttributeError, match="module 'profond' has no attribute 'Sequental'"):
        profond.Sequental  # noqa: B018


def test_help_does_not_wait_for_torch():
    code = (
        "import sys; from profond.cli import main; main(['--help']); "
        "print(*[name for name in ('torch', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    assert not {"torch", "pandas", "matplotlib"} & set(run(code)[-3:])
