"""Inside: what both models read, what their layers make of it, and what they are made of."""

from demos.anatomy.inspection import inspect
from demos.anatomy.tab import EXAMPLES, TITLE, build, tokenize

__all__ = ["EXAMPLES", "TITLE", "build", "inspect", "tokenize"]
