"""`python -m files_tui`."""

from files_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
