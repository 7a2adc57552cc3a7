"""Grids: images over two axes, on one sheet to share: what is asked of each cell, its image, and the sheet.

Knows nothing about files, recorded runs and measures.
"""
