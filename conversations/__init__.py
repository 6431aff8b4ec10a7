"""What is asked, in which order, and what is shown: pure."""
