"""The tabs' ids."""

COMPARE, DEBIAS, RUNS = "compare", "debias", "runs"  # tabs, by id
