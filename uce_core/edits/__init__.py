"""Edits as objects: what is asked (EditSpec), what was solved (Edit), the closed form, presets and files.

Knows nothing about models or images.
"""
