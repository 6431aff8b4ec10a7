"""What all tables stand on: the unit of work, both databases, the keys of records."""
