// Bodies that take certain fields only.

/** The named values that are there; empty ones are left out, the server reads them as absent. */
export const pick = (values, names) =>
  Object.fromEntries(names.filter((name) => values[name]).map((name) => [name, values[name]]));
