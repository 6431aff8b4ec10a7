"""Rules for the code base itself, which these tests call the house: imports, style, build files, documentation."""
