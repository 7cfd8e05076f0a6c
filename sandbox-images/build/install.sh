#!/bin/sh
# install.sh WHEELHOUSE LOCK : the libraries of the sandbox into /opt/venv, offline and against their hashes. Runs
# inside the build. pip itself stays in a second environment, so that none is in the image.
set -eu

python3 -m venv --without-pip /opt/venv
python3 -m venv /opt/pip
/opt/pip/bin/pip --python /opt/venv/bin/python --disable-pip-version-check --quiet install \
    --no-index --no-deps --no-compile --no-cache-dir --require-hashes --find-links "$1" --requirement "$2"
rm -rf /opt/pip

# Parts of the libraries that nothing in a sandbox opens: their own tests, C headers, the hub's own pages.
cd /opt/venv/lib/python3.*/site-packages
find . -depth -type d \( -name tests -o -name test \) -path './*/*' -exec rm -rf {} +
rm -rf pyarrow/include pyarrow/src numpy/_core/include ../../../share/jupyterhub/static ../../../share/man
find . -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.h' -o -name '*.hpp' | xargs rm -f

# A read-only file system cannot take compiled modules later. Unchecked: no one can change the sources either.
/opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    /opt/venv/lib /usr/lib/python3.11 >/dev/null || true # a few templates among the sources are no valid Python
