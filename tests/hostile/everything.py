"""All parsers of strangers' data."""

from tests.hostile import (
    archives,
    edit_files,
    gates,
    names,
    pages,
    patterns,
    pictures,
    prompt_files,
    prompts,
    searches,
    specs,
)

MODULES = (archives, edit_files, gates, names, pages, patterns, pictures, prompt_files, prompts, searches, specs)
