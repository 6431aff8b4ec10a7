"""The bodies that the API takes and gives: pydantic models, one file a subject."""
