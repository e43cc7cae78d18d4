/** Returns what a record holds under a name of somebody's, never what every object has, such as its constructor. */
export const own = <T>(record: Record<string, T> | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined;

/** Returns a record to be filled under names of somebody's: `__proto__` is a name like any other. */
export const emptyRecord = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;
