"""The whole story played through public interfaces only: command line, REST, the data door, hub pages, a kernel's
websocket. Nothing here looks into the system; what it tells is what an outsider sees.
"""
