import { ConfigError } from '../config.error.js';
import { loadEnv } from '../load-env.js';
import { AppEnv } from './app.env.js';
import { MailEnv } from './mail.env.js';
import { SignUpEnv } from './sign-up.env.js';

function problemsOf(variables: Record<string, string>): string[] {
  try {
    loadEnv([AppEnv, MailEnv, SignUpEnv], { variables });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ name, rule }) => `${name} ${rule}`);
    throw error;
  }
  return [];
}

const production = {
  NODE_ENV: 'production',
  SMTP_URL: 'smtps://user:p%40ss@mail.example.com',
  RESEND_FROM_EMAIL: 'FlowMate <mail@example.com>',
  PUBLIC_APP_URL: 'https://flowmate.example.com',
};

describe('the settings of mail', () => {
  it('are none in development', () => expect(problemsOf({})).toEqual([]));

  it.each([production, { ...production, SMTP_URL: '', RESEND_API_KEY: 're_123' }])('are enough: %j', (variables) =>
    expect(problemsOf(variables)).toEqual([]),
  );

  it('without a way out, a sender and an address refuse production', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
      'RESEND_API_KEY or SMTP_URL is required in production',
      'PUBLIC_APP_URL is required in production',
    ]);
    expect(problemsOf({ ...production, RESEND_FROM_EMAIL: '' })).toEqual([
      'RESEND_FROM_EMAIL is required when RESEND_API_KEY or SMTP_URL is set',
    ]);
  });

  it.each([
    ['PUBLIC_APP_URL', 'http://flowmate.example.com'],
    ['PUBLIC_APP_URL', 'https://flowmate.example.com/app'],
    ['PUBLIC_APP_URL', 'flowmate.example.com'],
    ['SMTP_URL', 'https://mail.example.com'],
    ['SMTP_URL', 'smtp://'],
    ['SMTP_URL', 'smtp://user:100%sure@mail.example.com'],
    ['RESEND_FROM_EMAIL', 'FlowMate'],
    ['RESEND_FROM_EMAIL', 'a@example.com, b@example.com'],
    ['RESEND_FROM_EMAIL', 'Flow<Mate <a@example.com>'],
    ['RESEND_FROM_EMAIL', 'FlowMate\u0000 <a@example.com>'],
  ])('refuse %s=%s', (name, value) => {
    expect(problemsOf({ ...production, [name]: value })).toEqual([expect.stringMatching(`^${name} must be`)]);
  });
});

describe('who may sign up', () => {
  it('is everybody in development, and who was invited in production', () => {
    const policyOf = (variables: Record<string, string>): string =>
      loadEnv([SignUpEnv], { variables }).get(SignUpEnv).policy;
    expect([policyOf({}), policyOf({ NODE_ENV: 'production' })]).toEqual(['open', 'invite']);
  });

  it.each([
    ['SIGNUP', 'everybody'],
    ['ADMIN_EMAIL', 'Admin@x.io'],
    ['ADMIN_EMAIL', 'admin'],
    ['SIGNUP_DOMAINS', '*.example.com'],
    ['SIGNUP_DOMAINS', 'Example.com'],
    ['SIGNUP_DOMAINS', 'x@example.com'],
  ])('is not %s=%s', (name, value) =>
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name} must be`)]),
  );

  it('is nobody new when domains are meant and none is named', () =>
    expect(problemsOf({ SIGNUP: 'domains' })).toEqual(['SIGNUP_DOMAINS is required when SIGNUP is domains']));
});
