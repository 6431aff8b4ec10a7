"""What people can do, inside an open unit of work."""
