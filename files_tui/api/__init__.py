"""The wire: the Files API over HTTP, typed, tolerant, and with errors that say what to do next."""

import sys

# Where `click` is installed, httpx would import its own command line: a third of its import time.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
