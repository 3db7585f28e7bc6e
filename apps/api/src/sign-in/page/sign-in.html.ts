/** The other way in, where there is one. Its script adds where to go on. */
const PROVIDER = `
        <p class="after"><a id="provider" href="/api/v1/auth/oidc/login">Sign in with your organisation</a></p>`;

/** One page, four states; the script shows one of them. Without a script it says what to do instead. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Sign in · FlowMate</title>
    <link rel="stylesheet" href="/sign-in/style.css">
    <script src="/sign-in/page.js" defer></script>
  </head>
  <body>
    <main>
      <p class="brand"><span class="mark" aria-hidden="true"></span>FlowMate</p>
      <noscript>
        <h1>Sign in</h1>
        <p>This page needs JavaScript. Programs sign in with <code>POST /api/v1/auth</code>.</p>
      </noscript>

      <section id="ask" aria-labelledby="ask-title" hidden>
        <h1 id="ask-title" tabindex="-1">Sign in</h1>
        <p>We send you a link. There is no password.</p>
        <form id="ask-form" novalidate>
          <label for="email">E-mail address</label>
          <input id="email" name="email" type="email" autocomplete="email" inputmode="email" autocapitalize="none" spellcheck="false" maxlength="254" required aria-describedby="ask-problem">
          <p id="ask-problem" class="problem" role="alert"></p>
          <button type="submit">Send me a link</button>
        </form><!-- provider -->
      </section>

      <section id="sent" aria-labelledby="sent-title" hidden>
        <h1 id="sent-title" tabindex="-1">A mail is on its way</h1>
        <p>If <strong id="sent-to"></strong> may sign in here, a link is in its inbox in a moment. Open it in this browser. It is good for ten minutes.</p>
        <p class="hint">On another device, type this code there:</p>
        <p id="sent-code" class="code"></p>
        <p class="hint">Type it on this page only, and tell it to nobody.</p>
        <button id="again" type="button" class="plain">Use another address</button>
      </section>

      <section id="confirm" aria-labelledby="confirm-title" hidden>
        <h1 id="confirm-title" tabindex="-1">Sign in to FlowMate</h1>
        <p id="confirm-here">Press the button to sign in on this device.</p>
        <form id="confirm-form" novalidate>
          <div id="code-field" hidden>
            <label for="code">Six digits from the device where you asked for the link</label>
            <input id="code" name="code" class="code" inputmode="numeric" autocomplete="off" maxlength="7" aria-describedby="confirm-problem code-hint">
            <p id="code-hint" class="hint">Somebody sent you this link and you did not ask for it? Close this page.</p>
          </div>
          <p id="confirm-problem" class="problem" role="alert"></p>
          <button type="submit">Sign in</button>
        </form>
        <button id="anew" type="button" class="plain">Ask for a new link</button>
      </section>

      <section id="done" aria-labelledby="done-title" hidden>
        <h1 id="done-title" tabindex="-1">You are signed in</h1>
        <p>One moment …</p>
        <p><a id="onward" href="/">Go on</a></p>
      </section>
    </main>
  </body>
</html>
`;

export const signInHtml = ({ hasProvider }: { readonly hasProvider: boolean }): string =>
  PAGE.replace('<!-- provider -->', hasProvider ? PROVIDER : '');
