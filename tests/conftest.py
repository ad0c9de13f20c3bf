"""For all tests: what they share is the interpreter, and it looks for garbage less often than a program should."""

import gc
import os

from hypothesis import HealthCheck, settings

# Thousands of small tests keep much alive (modules, hypothesis, the simulator): looking through it all again and
# again took a tenth of the time.
gc.set_threshold(50_000, 20, 50)

# The same examples each time: what fails here fails there. `--hypothesis-profile=default` looks for new ones.
# Nothing is judged by how long an example took: a machine with more to do may stand still in any of them.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

# The servers of the tests are on this machine: no proxy that somebody has in the environment is asked for them.
for _name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.upper(), None)
