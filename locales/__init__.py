"""All texts of the program in every language: the catalogues, and texts.py, which reads them."""
