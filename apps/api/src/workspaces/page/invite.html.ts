/** One page, four states; the script shows one of them. It looks as the sign-in page does. */
export const INVITE_HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Invitation · FlowMate</title>
    <link rel="stylesheet" href="/sign-in/style.css">
    <script src="/invite/page.js" defer></script>
  </head>
  <body>
    <main>
      <p class="brand"><span class="mark" aria-hidden="true"></span>FlowMate</p>
      <noscript>
        <h1>Invitation</h1>
        <p>This page needs JavaScript. Programs accept an invitation with <code>POST /api/v1/invites/accept</code>.</p>
      </noscript>

      <section id="join" aria-labelledby="join-title" hidden>
        <h1 id="join-title" tabindex="-1">You are invited</h1>
        <p>Somebody invited you to a workspace on FlowMate. The mail says who and which.</p>
        <form id="join-form" novalidate>
          <p id="join-problem" class="problem" role="alert"></p>
          <button type="submit">Join</button>
        </form>
      </section>

      <section id="enter" aria-labelledby="enter-title" hidden>
        <h1 id="enter-title" tabindex="-1">Sign in first</h1>
        <p>Sign in with the address that was invited. Then you come back here.</p>
        <p><a href="/sign-in#to=/invite">Sign in</a></p>
      </section>

      <section id="done" aria-labelledby="done-title" hidden>
        <h1 id="done-title" tabindex="-1">You are in</h1>
        <p>You are now a member of <strong id="done-name"></strong>.</p>
        <p><a href="/">Go on</a></p>
      </section>

      <section id="none" aria-labelledby="none-title" hidden>
        <h1 id="none-title" tabindex="-1">This invitation does not open anything</h1>
        <p>It was used or taken back, is older than a week, or is for another address than the one you are signed in with.</p>
        <p><a href="/sign-in#to=/invite">Sign in with another address</a></p>
      </section>
    </main>
  </body>
</html>
`;
