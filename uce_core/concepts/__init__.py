"""Texts to concept vectors: wordings, token spans, the text encoder, catalogues of artists.

Knows nothing about edits, denoisers or images.
"""
