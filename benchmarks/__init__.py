"""Timings, printed by command; never asserted in tests."""
