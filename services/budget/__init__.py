"""The neighbourhood budget: rounds, plans, codes, voting, counting, publishing."""
