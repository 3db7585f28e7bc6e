import { htmlText } from './html-text.js';

describe('the text of a page', () => {
  it('is what a person reads', () => {
    const page = `<!DOCTYPE html><html><head><title>The &lt;Title&gt;</title><style>p{color:red}</style></head>
      <body class="a>b"><h1>Head&nbsp;line</h1><p>One <b>bold</b> word &amp; more.</p><ul><li>a<li>b</ul>
      <SCRIPT type="x">if (a < b) steal("</p>")</SCRIPT><!-- secret <p>x</p> --><p>Last</p></body></html>`;
    expect(htmlText(page)).toBe('The <Title>\nb">\nHead line\nOne bold word & more.\na\nb\nLast');
  });

  it.each([
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
    ['a <3 b', 'a <3 b'],
    ['<', '<'],
    ['a<br>b<br/>c', 'a\nb\nc'],
    ['<p>cut <a href="x', 'cut'],
    ['before<script>no end', 'before'],
    ['before<!-- no end', 'before'],
    ['<scripty>stays</scripty>', 'stays'],
    ['&#65;&#x42;&#0;&#1114112;&unknown;&amp;lt;', 'AB&#0;&#1114112;&unknown;&lt;'],
    ['İ<script>x</script>İ', 'İ İ'],
  ])('of %s is %s', (html, text) => expect(htmlText(html)).toBe(text));

  it('of hostile markup is there in a moment', () => {
    const started = performance.now();
    for (const piece of ['<', '<a', '<script>', '<!--', '</', '&', '&#', '<p>', '</script', '> ', '<script '])
      htmlText(piece.repeat(Math.ceil(524_288 / piece.length)));
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
