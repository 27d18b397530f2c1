"""`python -m kancli` is `kan`."""

import sys

from kancli.cli import main

if __name__ == "__main__":
    sys.exit(main())
