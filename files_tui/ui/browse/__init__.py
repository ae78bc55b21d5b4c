"""The main screen, a module a concern: its account, the commands on files, the view and its marks, and what is seen."""
