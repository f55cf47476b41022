"""The HTTP around all endpoints: receives, decodes, answers, refuses, describes. Knows no resource."""
