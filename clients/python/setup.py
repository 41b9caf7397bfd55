"""Generates the stubs from the repository's protos before the package is built; everything else is in pyproject.toml."""

import pathlib
import sys

from setuptools import setup

here = pathlib.Path(__file__).resolve().parent
# A source distribution has the stubs but not the protos.
if (here.parent.parent / "proto").is_dir():
    sys.path.insert(0, str(here))
    import generate

    if generate.main() != 0:
        raise SystemExit("the stubs could not be generated")

setup()
