"""`python -m profond`: the command line, where the command is not on the path."""

import sys

from profond.cli import main

if __name__ == "__main__":
    sys.exit(main())
