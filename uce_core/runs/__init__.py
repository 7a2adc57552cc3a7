"""Records of what was done: schema, store, archives, replay, PNG metadata.

Knows nothing about the command line or the app.
"""
