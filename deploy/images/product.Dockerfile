# Broker, gateway, publisher and the one-shot services: one image, told apart by what docker-compose.yml lets each hold.
ARG LIBRARIES
FROM ${LIBRARIES}
COPY . /opt/amanat/
# A named volume takes over owner and mode of the folder it is first mounted on.
RUN cd /usr/local/lib/python3.11/dist-packages && echo /opt/amanat >amanat.pth && \
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' /opt/amanat/pyproject.toml) && mkdir "amanat-$version.dist-info" && \
    printf 'Metadata-Version: 2.1\nName: amanat\nVersion: %s\n' "$version" >"amanat-$version.dist-info/METADATA" && \
    python3 -m compileall -q --invalidation-mode unchecked-hash /opt/amanat && \
    mv /opt/amanat/deploy/bin/* /usr/local/bin/ && \
    install -d -m 700 /state /state/published /audit-keys /keys /keys/setup /keys/broker /keys/gateway /keys/publisher && \
    install -d -m 755 /keys/db
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp LANG=C.UTF-8
WORKDIR /opt/amanat
