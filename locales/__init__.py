"""The texts of the house in every language: catalogues, and texts.py that speaks them."""
