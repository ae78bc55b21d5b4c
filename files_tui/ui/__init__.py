"""What is seen: the app, its screens and their widgets."""
