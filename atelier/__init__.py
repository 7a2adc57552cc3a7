"""Atelier: a miniature, real Stable Diffusion and the painted world that it learns.

The world is known exactly: the painter decides which subject, which artist's style and which
person each picture shows. That makes Atelier an instrument for measuring what an edit erased.
"""
