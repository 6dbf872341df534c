"""The registry of attribution methods: one file per method, one row here.

Menus, displayed names, the endpoint, exports, the comparison of methods and the tests read it. The
first one is the default.
"""

from __future__ import annotations

from explain.attribution.methods import (
    gradient_x_input,
    integrated_gradients,
    occlusion,
    shapley,
)
from explain.attribution.methods.method import Method

METHODS: dict[str, Method] = {
    "integrated_gradients": integrated_gradients.METHOD,
    "gradient_x_input": gradient_x_input.METHOD,
    "occlusion": occlusion.METHOD,
    "shapley": shapley.METHOD,
}
DEFAULT_METHOD = next(iter(METHODS))
