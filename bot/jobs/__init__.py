"""The tick of the clock; counting and photos in processes of their own."""
