"""One module a tab, and what tabs share."""
