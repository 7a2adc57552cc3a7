"""What an edit removes and what it leaves: cases, images in a folder, measures, summaries, tables, the report.

Knows nothing about recorded runs.
"""
