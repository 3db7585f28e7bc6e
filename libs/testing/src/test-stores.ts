export interface TestStores {
  readonly mongoUri: string;
  readonly redisUrl: string;
}

/** The stores that a run of the tests shares; each file takes a database of its own. */
export function testStores(): TestStores {
  const { FLOWMATE_TEST_MONGODB_URI: mongoUri, FLOWMATE_TEST_REDIS_URL: redisUrl } = process.env;
  if (!mongoUri || !redisUrl) throw new Error('Only the projects int and e2e have stores.');
  return { mongoUri, redisUrl };
}
