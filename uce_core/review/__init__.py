"""Blind judging by people: tasks, ratings, and how far reviewers agree.

Knows nothing about where runs or ratings are kept.
"""
