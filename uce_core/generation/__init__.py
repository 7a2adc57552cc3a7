"""GenerationSpec to images: samplers, batches, comparisons of original and edited, live previews.

Knows nothing about how edits are solved or results are kept.
"""
