"""Looking into a remote file: what is drawn of it, kind by kind, and the screen that shows it."""
