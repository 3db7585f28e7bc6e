/** ECMA-48: a control sequence, an operating system command or the like with its end, or any other escape. */
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const ANSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|\u009d)[^\u0007\u001b\u009c]*|\u001b[ -~]?/g;

/**
 * What a person who looks at the text does not see, or sees elsewhere than it stands: format characters (zero width,
 * direction marks, tags that spell words in invisible letters), variation selectors, other controls.
 */
const UNSEEN = /[\p{Cf}\p{Co}\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}\u115f\u1160\u3164\uffa0]|(?![\n\t])\p{Cc}/gu;

/** Text from outside, as a person would read it. Line breaks and tabs stay. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(ANSI, '')
    .replace(UNSEEN, '')
    .replace(/\p{Cs}/gu, '\ufffd');
}

export const cleanLine = (text: string): string => cleanText(text).replace(/[\n\t]+/g, ' ');
