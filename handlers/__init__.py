"""Every way into the program, one folder for each kind of caller."""
