"""`python -m kancli` is `kan`."""

from kancli.cli import run

if __name__ == "__main__":
    run()
