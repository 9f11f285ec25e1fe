"""How text becomes integers: by arithmetic alone, the same in the exported graph and without TensorFlow."""
