"""What the app does, without a widget in sight: the engine's thread, the library of edits, limits, progress.

Knows nothing about Gradio.
"""
