# What requirements.lock names, unpacked on the host (no network is needed in here), on the local Debian base.
ARG BASE
FROM ${BASE}
COPY . /usr/local/lib/python3.11/dist-packages/
# The root file system is read-only when it runs, so byte code that is not written now is never written.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /usr/lib/python3.11 /usr/local/lib/python3.11 >/dev/null || true; \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} +
