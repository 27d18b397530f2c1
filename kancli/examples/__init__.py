"""Known laws for examples and tests, and tables made from them."""

from kancli.examples.laws import Law, law, laws, sample

__all__ = ["Law", "law", "laws", "sample"]
