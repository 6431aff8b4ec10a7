"""Jobs: the tick of the clock, and counting and photos in processes of their own."""
