"""The guard: the one public port, and the inner door for what a single-user server asks of the hub.

It holds no data and no token; it decides which addresses lead anywhere, passes requests on to the proxy, counts what
sandboxes put out, and leaves an audit line for whatever it turned away.
"""
