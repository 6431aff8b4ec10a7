"""The rules of broadcasts: one message to many residents."""
