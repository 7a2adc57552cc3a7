"""What an image shows, in figures: CLIP, LPIPS, style and identity, CSD.

Knows nothing about models or edits.
"""
