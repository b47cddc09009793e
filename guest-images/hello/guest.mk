# hello: all defaults (32 bits, every source file here).
