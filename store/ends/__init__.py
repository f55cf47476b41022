"""How everything ends: erasure, deletion, retention."""
