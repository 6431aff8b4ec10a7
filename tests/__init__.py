"""The tests: one folder a floor, journeys through the whole house, faults, and the house's own rules."""
