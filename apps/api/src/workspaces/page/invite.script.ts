/**
 * The script of the page. It writes text and never markup, and sends the token only when somebody presses the button.
 * The token outlasts a sign-in in this browser's storage: it is worth nothing without the address it is for.
 */
export const INVITE_SCRIPT = String.raw`'use strict';
(() => {
  const element = (id) => document.getElementById(id);
  const KEPT = 'flowmate.invite';
  const stored = (work) => { try { return work(); } catch { return null; } };
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  // The address bar, the history and what is copied from them keep no token.
  if (location.hash !== '') history.replaceState(null, '', location.pathname);
  if (given !== null) stored(() => localStorage.setItem(KEPT, given));
  const token = given ?? stored(() => localStorage.getItem(KEPT));

  const show = (name) => {
    for (const section of document.querySelectorAll('section')) section.hidden = section.id !== name;
    element(name + '-title').focus();
  };
  const post = async (path, body) => {
    const answer = await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', 'x-flowmate': '1' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  };
  const accept = async () => {
    const first = await post('/api/v1/invites/accept', { token });
    if (first.status !== 401) return first;
    const refreshed = await post('/api/v1/auth/refresh', {});
    return refreshed.status === 200 ? post('/api/v1/invites/accept', { token }) : first;
  };

  const button = element('join-form').querySelector('button');
  element('join-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    element('join-problem').textContent = '';
    const { status, body } = await accept().catch(() => ({ status: 0, body: {} }));
    button.removeAttribute('aria-busy');
    if (status === 200) {
      stored(() => localStorage.removeItem(KEPT));
      element('done-name').textContent = body.name;
      show('done');
    } else if (status === 401) show('enter');
    else if (status === 404 || status === 400) show('none');
    else element('join-problem').textContent = status === 403 && body.detail ? body.detail
      : 'FlowMate cannot do this at the moment. Try again shortly.';
  });
  show(token === null ? 'none' : 'join');
  // The link was opened in a tab that shows this page already.
  addEventListener('hashchange', () => { if (location.hash.includes('token=')) location.reload(); });
})();
`;
