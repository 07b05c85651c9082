# Evenstock as an image: what runs, its packages, and nothing of the tests. `docker build -t evenstock .`
FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/var/lib/evenstock
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY domain domain
COPY projections projections
COPY adapters adapters
COPY server server
RUN mkdir -p /var/lib/evenstock && chown node:node /var/lib/evenstock
USER node
VOLUME /var/lib/evenstock
EXPOSE 8080
# Alive, not ready: a server that waits for its event log must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node is the process that gets SIGTERM.
CMD ["node", "--max-semi-space-size=16", "server/cli/evenstock.ts", "serve"]
