"""The conversations: what is asked, in which order, and what is shown. Pure: no database, network or clock."""
