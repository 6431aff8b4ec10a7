"""SQLModel tables and their queries, one file a subject."""
