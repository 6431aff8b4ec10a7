"""What a sentence means: danger, a wish, or neither; learned from whole sentences."""
