"""What the law gives residents: seeing what is kept of them, and having it erased."""
