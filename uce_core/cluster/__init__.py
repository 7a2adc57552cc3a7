"""An evaluation's blocks on the workers of a cluster.

Knows nothing about what is measured or recorded, or about the command line.
"""
