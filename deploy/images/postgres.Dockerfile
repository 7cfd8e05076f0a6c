# PostgreSQL 15 from Debian's packages. The cluster that the package makes at its installation is not used.
ARG BASE
FROM ${BASE}
RUN rm -rf /var/lib/postgresql/15 /etc/postgresql /etc/ssl/private && \
    install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data && \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} +
