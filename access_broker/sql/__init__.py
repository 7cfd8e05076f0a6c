"""What a statement touches and the narrowed statement we run instead. Pure: no I/O, no engine, no records."""
