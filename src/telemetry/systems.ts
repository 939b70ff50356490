/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/db/ has the names of the systems. */
export const systems = { sqlite: 'sqlite', postgres: 'postgresql' } as const
