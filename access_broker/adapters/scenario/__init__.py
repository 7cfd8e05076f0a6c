"""The parts of reading a scenario file; `adapters/scenario_file.py` is the door.

Text → values with lines (document) → shape against the JSON Schema (schema, shape) → inheritance (inherit) → what the
values mean together (people, datasets, contracts and their helpers). Every step adds what it finds to one `Faults`.
"""
