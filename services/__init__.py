"""What one process consists of: the only room where all parts meet.

Building starts nothing, connects to nothing, and reads no files: `process` does that, and hands down values
(`setup`). What a process builds and runs follows from its roles (`runtime.roles`).
"""
