"""The house's own rules: import contracts, house style, build files and documentation."""
