"""The HTTP application, its guards, and serving it."""
