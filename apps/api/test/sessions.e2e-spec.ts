import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { newPerson } from './harness/people.js';
import { send } from './harness/send.js';

describe('sessions', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(() => api.close());

  it('tell who the caller is', async () => {
    const ada = await newPerson(api);
    const { status, body } = await send(api.port, { path: '/api/v1/auth/me', headers: ada.headers });
    expect({ status, body: JSON.parse(body) }).toMatchObject({
      status: 200,
      body: { kind: 'user', email: ada.email, role: 'manager', workspaceId: ada.workspaceId, sessionId: ada.sessionId },
    });
  });
});
