"""What an image shows, in figures: CLIP, LPIPS, style and identity, CSD, NudeNet.

Knows nothing about models or edits.
"""
