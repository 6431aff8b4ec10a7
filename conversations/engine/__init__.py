"""How every conversation works: flows, steps, state, answers, choices."""
