"""What residents do, through whatever door they come: what they meant, and the deed that follows."""
