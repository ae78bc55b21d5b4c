"""How contents are drawn: from bytes to lines, each a `Text` that is safe to show."""
