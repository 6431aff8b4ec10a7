"""Jobs that the clock runs again and again. Each looks in the database for rows that are due; the clock keeps none."""
