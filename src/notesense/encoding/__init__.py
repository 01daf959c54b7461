"""The sentence encoder and the model bundle that it comes from."""
