"""Due moments. The clock only asks what is due; what is due are rows."""
