import { OWN_PATH } from '../../http/own-path.js';

/**
 * The script of the page. It writes text and never markup, keeps the token in memory only, and sends it only when
 * somebody presses the button: what reads links in mails without pressing anything uses nothing up.
 */
export const SIGN_IN_SCRIPT = String.raw`'use strict';
(() => {
  const element = (id) => document.getElementById(id);
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get('token');
  // The address bar, the history and what is copied from them keep no token.
  if (location.hash !== '') history.replaceState(null, '', location.pathname);

  const isOwnPath = (path) => ${OWN_PATH}.test(path);
  const wanted = given.get('to') ?? '';
  const onward = isOwnPath(wanted) ? wanted : '/';

  // Whether this browser asked lately. The proof itself is in a cookie that no script can read.
  const ASKED = 'flowmate.asked-until';
  const remember = (seconds) => {
    try { localStorage.setItem(ASKED, String(Date.now() + seconds * 1000)); } catch { /* private mode */ }
  };
  const hasAsked = () => {
    try { return Number(localStorage.getItem(ASKED)) > Date.now(); } catch { return false; }
  };

  const show = (name, focus) => {
    for (const section of document.querySelectorAll('section')) section.hidden = section.id !== name;
    (focus ?? element(name + '-title')).focus();
  };
  const complain = (id, input, text) => {
    element(id).textContent = text;
    if (input) input.setAttribute('aria-invalid', String(text !== ''));
  };

  const post = async (path, body) => {
    const answer = await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', 'x-flowmate': '1' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, wait: answer.headers.get('retry-after'), body: await answer.json().catch(() => ({})) };
  };
  const minutes = (seconds) => {
    const count = Math.max(1, Math.ceil(Number(seconds) / 60));
    return count === 1 ? 'a minute' : count + ' minutes';
  };
  const general = ({ status, wait }) =>
    status === 429 ? 'Too many tries. Try again in ' + minutes(wait) + '.'
    : 'FlowMate cannot do this at the moment. Try again shortly.';

  const submitting = (form, work) => form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button[type=submit]');
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    try { await work(); } finally { button.removeAttribute('aria-busy'); }
  });
  const offline = { status: 0, wait: null, body: {} };

  const provider = element('provider');
  if (provider && onward !== '/') provider.href += '?' + new URLSearchParams({ redirectTo: onward });

  const email = element('email');
  submitting(element('ask-form'), async () => {
    const address = email.value.trim();
    complain('ask-problem', email, '');
    const to = onward === '/' ? {} : { redirectTo: onward };
    const answer = await post('/api/v1/auth', { email: address, ...to }).catch(() => offline);
    if (answer.status === 202) {
      remember(answer.body.expiresIn);
      element('sent-to').textContent = address;
      element('sent-code').textContent = answer.body.code.replace(/^(\d{3})/, '$1 ');
      show('sent');
    } else {
      complain('ask-problem', email, answer.status === 400 ? 'This is no e-mail address.' : general(answer));
      email.focus();
    }
  });
  element('again').addEventListener('click', () => show('ask', email));
  element('anew').addEventListener('click', () => show('ask', email));

  const code = element('code');
  const askForCode = (why) => {
    element('code-field').hidden = false;
    element('confirm-here').textContent = why;
  };
  submitting(element('confirm-form'), async () => {
    const digits = code.value.replace(/\D/g, '');
    const isAsked = !element('code-field').hidden;
    complain('confirm-problem', code, '');
    if (isAsked && digits.length !== 6) {
      complain('confirm-problem', code, 'Type the six digits.');
      code.focus();
      return;
    }
    const answer = await post('/api/v1/auth/verify', { token, ...(isAsked ? { code: digits } : {}) }).catch(() => offline);
    if (answer.status === 200) {
      element('onward').href = onward;
      show('done');
      location.replace(onward);
    } else if (answer.status === 401) {
      complain('confirm-problem', isAsked ? code : null, isAsked
        ? 'That did not work: the digits are wrong, or the link was used, is too old or was replaced by a newer one.'
        : 'Either it was used, is too old or was replaced by a newer one: then ask for a new link. Or it was asked for in another browser: then type the digits shown there.');
      if (!isAsked) askForCode('The link did not sign you in.');
    } else {
      complain('confirm-problem', null, answer.status === 403 && answer.body.detail ? answer.body.detail
        : answer.status === 400 ? 'This link is not whole. Copy all of it, or ask for a new one.' : general(answer));
    }
  });

  // What a provider’s sign-in ended with: codes of ours, and words of ours for them.
  const PROBLEMS = new Map([
    ['oidc_denied', 'The provider did not let you in.'],
    ['oidc_state_invalid', 'That sign-in was not begun here, or took too long. Begin again.'],
    ['oidc_email_unverified', 'The provider does not vouch for your e-mail address. Sign in by mail.'],
    ['oidc_provider_error', 'The provider does not answer at the moment. Try again later, or sign in by mail.'],
    ['signup_closed', 'There is no account for your address. Ask for an invitation.'],
    ['account_disabled', 'This account is disabled. Ask an administrator.'],
  ]);
  const problem = given.get('problem');
  if (token === null) {
    show('ask', email);
    if (problem !== null) complain('ask-problem', null, PROBLEMS.get(problem) ?? 'That did not work. Sign in by mail.');
  } else {
    if (given.get('bound') !== 'no' && !hasAsked()) askForCode('This link was asked for in another browser or on another device.');
    show('confirm');
  }
  // The link was opened in a tab that shows this page already.
  addEventListener('hashchange', () => { if (location.hash.includes('token=')) location.reload(); });
})();
`;
