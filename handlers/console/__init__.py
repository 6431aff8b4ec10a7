"""The console: web pages for members of staff, and the public pages of results."""
