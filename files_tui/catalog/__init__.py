"""What is there: an SQLite mirror of the listing, and the sync that keeps it."""
