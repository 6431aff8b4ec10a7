"""All tables together: copying them, their wrapped keys, the deployment they belong to."""
