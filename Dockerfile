# syntax=docker/dockerfile:1
# The command line as an image: docker run lockstep run --config /etc/lockstep/lockstep.yaml

FROM node:20-bookworm AS build
WORKDIR /build
# The toolchain builds better-sqlite3 where no prebuilt binary fits.
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
# The compiler comes as an optional dependency of its package, one for each platform.
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json rolldown.config.ts ./
COPY src ./src
RUN npm run build
# The drivers are peers of the library; as a program of its own it brings them along, in the versions that it is tested
# with. As long as they stand among the dependencies for tests as well, npm leaves them out.
RUN drivers=$(node -p "['better-sqlite3', 'pg', 'hono', '@hono/node-server', '@hono/zod-openapi', 'zod'] \
      .map((name) => name + '@' + require('./package.json').devDependencies[name]).join(' ')") \
 && npm pkg delete devDependencies \
 && npm install --no-save --omit=optional --no-audit --no-fund $drivers

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json ./package.json
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY config ./config
COPY LICENSE ./LICENSE
RUN ln -s /app/dist/bundle/cli.js /usr/local/bin/lockstep \
 && chmod +x /app/dist/bundle/cli.js \
 && mkdir -p /data \
 && chown node:node /data
USER node
WORKDIR /data
# Reads the control record: fails where the SQLite file or the configuration cannot be read.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 \
  CMD ["lockstep", "status", "--quiet"]
ENTRYPOINT ["lockstep"]
CMD ["run"]
