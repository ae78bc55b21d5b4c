"""The wire: the Files API over HTTP, typed, tolerant, and with errors that say what to do next."""
