"""What all tables share: the unit of work, both databases, the keys of records."""
