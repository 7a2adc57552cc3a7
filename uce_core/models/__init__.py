"""Loaded models: families, loading, the float32 masters, and an edit applied for a while.

Knows nothing about how an edit was solved or what will be generated.
"""
