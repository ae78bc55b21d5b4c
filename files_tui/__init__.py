"""A terminal file browser for the OpenAI Files API and every server that speaks it."""

__version__ = "0.1.0"
