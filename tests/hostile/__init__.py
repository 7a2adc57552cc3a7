"""Strangers' data against every parser of it: properties, tried with few cases here and with many in
benchmarks/hostile.py."""
