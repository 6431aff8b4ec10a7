"""What goes in and out of the API: pydantic models, one file a subject."""
