/** Connections of the pool, everywhere: the figure the comparison was set with. */
export const POOL_CONNECTIONS = 16;
