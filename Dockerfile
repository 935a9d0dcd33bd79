# Earshot with its embedded engines, or one of several programs beside server engines.
# docs/operations.md says how to run it. To build it: docker build --tag earshot .

ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

# The console, with the tools that only its building needs.
FROM ${NODE_IMAGE} AS console
WORKDIR /opt/earshot
COPY package.json package-lock.json .npmrc ./
COPY server/package.json server/
COPY console/package.json console/
# Not "npm ci": it refuses a lock file that lacks a package made for some other system. --no-save keeps that file as it is.
RUN npm install --no-save --ignore-scripts --include=optional --omit=dev --workspace=console --loglevel=error
COPY console console
RUN node node_modules/vite/bin/vite.js build console --logLevel error

# The packages that the server runs on. Their scripts are run: one of them makes the links of PostgreSQL's libraries.
FROM ${NODE_IMAGE} AS packages
WORKDIR /opt/earshot
COPY package.json package-lock.json .npmrc ./
COPY server/package.json server/
COPY console/package.json console/
RUN npm install --no-save --include=optional --omit=dev --workspace=server --loglevel=error

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Earshot" \
      org.opencontainers.image.description="A self-hosted call data platform: takes calls in, gives them back through five published APIs." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A number of its own, which the owner of a mounted folder must have. npm and yarn are of no use here.
RUN groupadd --gid 10001 earshot \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin earshot \
  && install --directory --owner=10001 --group=10001 --mode=0700 /data /backups \
  && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* \
  && ln -s /opt/earshot/bin/earshot.js /usr/local/bin/earshot
WORKDIR /opt/earshot
COPY --from=packages /opt/earshot ./
COPY LICENSE CHANGELOG.md ./
COPY bin bin
COPY server/src server/src
COPY --from=console /opt/earshot/console/dist console/dist
COPY deploy/healthcheck.js deploy/healthcheck.js
ENV NODE_ENV=production \
    EARSHOT_HOST=0.0.0.0 \
    EARSHOT_PORT=8080 \
    EARSHOT_DATA_DIR=/data
# All that is written goes to /data and, for moments, to /tmp: the root may be mounted read-only.
VOLUME ["/data"]
EXPOSE 8080
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 CMD ["node", "/opt/earshot/deploy/healthcheck.js"]
ENTRYPOINT ["earshot"]
CMD ["serve"]
