"""The tests: one folder for each floor, journeys through the whole program, faults, and rules for the code itself."""
