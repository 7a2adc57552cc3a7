"""Pure functions from results to HTML. Whatever a visitor typed is escaped here."""
