"""Ways to edit a model, one module each, and what follows from an edit: impact and export.

Knows nothing about evaluations or records.
"""
